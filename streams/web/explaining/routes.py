"""Why two listings are the same product, or not: a page, and the same for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from streams.errors import UnknownListingError
from streams.events.listing_model import MAX_ID_LENGTH
from streams.stages.explaining import Explained
from streams.web.explaining.answers import Explanation
from streams.web.explaining.asking import Rulebook, ask
from streams.web.explaining.numbers import BAR, numbers_of
from streams.web.explaining.pairs import lately, titles
from streams.web.rendering import page
from streams.web.review.side_by_side import side_by_side
from streams.web.safety.problems import documented
from streams.web.services import Services, Used

router = APIRouter()

_Id = Annotated[str, Query(min_length=1, max_length=MAX_ID_LENGTH, description="A listing's id")]
_MaybeId = Annotated[str, Query(max_length=MAX_ID_LENGTH)]
_rulebook = Rulebook()


@router.get("/explanations", tags=["matches"], responses=documented(404, 422, 503))
async def explanations(used: Used, one: _Id, other: _Id) -> Explanation:
    """Every number that decides on two listings: read from the index, decided anew."""
    return Explanation.of(await _explained(used, one, other))


@router.get("/compare", include_in_schema=False)
async def compare(request: Request, used: Used, one: _MaybeId = "", other: _MaybeId = "") -> Response:
    """Two listings side by side; without them, the way to choose two."""
    if not one.strip() or not other.strip() or one == other:
        pairs = await run_in_threadpool(lambda: lately(used.store.reading))
        return page(request, "compare_choose.html", one=one, other=other, pairs=pairs)
    found = await _explained(used, one, other)
    return await run_in_threadpool(_compared, request, used, found)


def _compared(request: Request, used: Services, found: Explained) -> Response:
    connection = used.store.reading
    around = [listing_id for some in found.neighbors for listing_id, _ in some]
    return page(
        request,
        "compare.html",
        explained=found,
        numbers=numbers_of(found),
        sides=side_by_side(connection, found.listing_ids, blind=False),
        titles=titles(connection, around),
        bar=BAR,
    )


async def _explained(used: Services, one: str, other: str) -> Explained:
    if one == other:
        words = "one, other: the same listing twice; two different ones wanted"
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, words)
    try:
        with used.asking.taken():
            return await ask(used.living, _rulebook, one, other)
    except UnknownListingError as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
