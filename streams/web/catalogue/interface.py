"""Paths for programs: products, listings, offers and prices."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response, status
from fastapi.responses import RedirectResponse
from starlette.convertors import Convertor, register_url_convertor

from streams.events.listing_model import MAX_ID_LENGTH
from streams.matching.variants.gtin import normalised_gtin
from streams.web.catalogue.answers import (
    CategoryCount,
    GtinOffers,
    ListingAnswer,
    MatchesAnswer,
    PriceHistory,
    ProductAnswer,
    ProductPage,
    TagCounts,
    WordCount,
)
from streams.web.catalogue.asking import Asked
from streams.web.catalogue.browsing import browse
from streams.web.catalogue.reading import (
    history_of,
    listing_of,
    matches_of,
    offers_with,
    product_of,
    product_with,
    summary_of,
)
from streams.web.safety.problems import documented
from streams.web.services import Used


class _AnyId(Convertor[str]):
    """An id in a path, with '/' and line breaks in it; Starlette's own of this kind stops at a line break."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", _AnyId())

router = APIRouter(tags=["catalogue"])

_LISTS = "/matches"
_InPath = Annotated[str, Path(max_length=MAX_ID_LENGTH, description="An id; '/' in it may stand as %2F")]
_Moved: dict[int | str, dict[str, Any]] = {307: {"description": "It went into another product, `Location` says which"}}


@router.get("/products", responses=documented(422))
def products(used: Used, asked: Annotated[Asked, Query()]) -> ProductPage:
    """Products, by words, category, seller and price, a page at a time."""
    found = browse(used.store.reading, asked.wish())
    return ProductPage(
        products=[summary_of(row) for row in found.rows],
        total=found.total,
        categories=[CategoryCount(name=name, products=count) for name, count in found.categories],
        tags=[
            TagCounts(name=facet.list, words=[WordCount(word=word, products=count) for word, count in facet.words])
            for facet in found.tags
        ],
        after=found.after or None,
    )


@router.get("/products/{product_id:id}", response_model=ProductAnswer, responses=_Moved | documented(404, 422))
def product(used: Used, product_id: _InPath) -> ProductAnswer | Response:
    """One product: its offers by price, the best in each currency, and why its listings are one product."""
    connection = used.store.reading
    if (found := product_of(connection, product_id)) is not None:
        return found
    if (now := product_with(connection, product_id)) is not None:
        return RedirectResponse(f"/products/{quote(now, safe='')}", status.HTTP_307_TEMPORARY_REDIRECT)
    raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product '{product_id}', and no listing of this id.")


@router.get(f"/listings/{{listing_id:id}}{_LISTS}", response_model=MatchesAnswer, responses=documented(404, 422))
def matches(request: Request, used: Used, listing_id: _InPath) -> MatchesAnswer | Response:
    """The current list of a listing: what matches it, what people should look at, and what they overruled."""
    connection, asked = used.store.reading, request.scope["raw_path"].decode("ascii")
    if not asked.endswith(_LISTS):  # an id that ends so, with its '/' as %2F
        found = _known(connection, unquote(asked.partition("/listings/")[2]))
        return Response(found.model_dump_json(), media_type="application/json")
    _known(connection, listing_id)
    return matches_of(connection, listing_id)


@router.get("/listings/{listing_id:id}", responses=documented(404, 422))
def listing(used: Used, listing_id: _InPath) -> ListingAnswer:
    """One listing as its seller published it, and the product it is in."""
    return _known(used.store.reading, listing_id)


@router.get("/offers", responses=documented(422))
def offers(
    used: Used,
    gtin: Annotated[
        str,
        Query(
            max_length=40, description="EAN, UPC or GTIN of 8, 12, 13 or 14 digits; blanks and hyphens may stand in it"
        ),
    ],
) -> GtinOffers:
    """Offers of the listings that state a GTIN, the cheapest of each currency first."""
    found = normalised_gtin(gtin)
    if found is None:
        wanted = "8, 12, 13 or 14 digits with the right check digit, and none that shops give as they like"
        detail = f"gtin: '{gtin}' identifies nothing; {wanted} wanted; check the digits."
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, detail)
    return offers_with(used.store.reading, found)


@router.get("/prices", responses=documented(404, 422))
def prices(
    used: Used, listing: Annotated[str, Query(min_length=1, max_length=MAX_ID_LENGTH, description="A listing's id")]
) -> PriceHistory:
    """What a listing asked since this service has known it, withdrawn listings included."""
    found = history_of(used.store.reading, listing)
    if not found.prices:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"Of a listing '{listing}' no product has told a price yet.")
    return found


def _known(connection: sqlite3.Connection, listing_id: str) -> ListingAnswer:
    found = listing_of(connection, listing_id)
    if found is None:
        detail = f"There is no listing '{listing_id}', or it was withdrawn."
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)
    return found
