"""Pages of price comparison, and the photos on all pages."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from streams.events.listing_model import MAX_ID_LENGTH
from streams.web.catalogue.asking import AskedByForm
from streams.web.catalogue.browsing import browse, currencies
from streams.web.catalogue.photos import FAILS_FOR_S, Size
from streams.web.catalogue.reading import photo_of, product_of, product_with, summary_of
from streams.web.catalogue.showing import shown
from streams.web.catalogue.wishes import Order
from streams.web.rendering import asset_file, page
from streams.web.services import Services, Used

router = APIRouter(include_in_schema=False)

_Id = Annotated[str, Query(min_length=1, max_length=MAX_ID_LENGTH)]
_ORDERS: Final = {
    Order.NEWEST: "Newest change",
    Order.OFFERS: "Most offers",
    Order.SPREAD: "Biggest spread of prices",
    Order.DROP: "Biggest drop within a week",
}
_PHOTO_FOR_S: Final = 3_600


@router.get("/browse")
def browsing(request: Request, used: Used, asked: Annotated[AskedByForm, Query()]) -> Response:
    """Products by words, category, seller and price."""
    connection = used.store.reading
    found = browse(connection, asked.wish())
    values: dict[str, Any] = {"products": [summary_of(row) for row in found.rows], "currencies": currencies(connection)}
    headers = {"HX-Replace-Url": asked.address()} if "HX-Request" in request.headers else {}
    return page(request, "browse.html", headers=headers, asked=asked, found=found, orders=_ORDERS, **values)


@router.get("/product")
def product(request: Request, used: Used, id: _Id) -> Response:  # noqa: A002 - as the address has it
    """One product, its offers and their prices."""
    connection = used.store.reading
    if (found := product_of(connection, id)) is not None:
        return page(request, "product.html", shown=shown(connection, found, time.time()))
    if (now := product_with(connection, id)) is not None:
        return RedirectResponse(f"/product?id={quote(now, safe='')}", status.HTTP_303_SEE_OTHER)
    raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product '{id}': it may have been withdrawn.")


@router.get("/photo")
async def photo(used: Used, listing: _Id, size: Size = Size.SMALL) -> Response:
    """The photo of a listing that is offered, made small; a placeholder where there is none."""
    reference = await asyncio.to_thread(_reference, used, listing)
    data = None if reference is None else await used.photos.photo(reference, size)
    if data is not None:
        headers = {"Cache-Control": f"private, max-age={_PHOTO_FOR_S}"}
        return Response(data, media_type="image/jpeg", headers=headers)
    headers = {"Cache-Control": f"private, max-age={FAILS_FOR_S:.0f}"}
    placeholder = await asyncio.to_thread(asset_file("no-photo.svg").read_bytes)
    return Response(placeholder, status.HTTP_404_NOT_FOUND, headers, media_type="image/svg+xml")


def _reference(used: Services, listing_id: str) -> str | None:
    return photo_of(used.store.reading, listing_id)
