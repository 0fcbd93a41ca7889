"""Searching the index: ask it for candidates, compare these exactly, group them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import chain, zip_longest
from typing import Final, Protocol

from encoders.types import Embedding
from streams.index.port import Hit, IndexReader, Payload, View
from streams.stages import state
from streams.web.search.asking import Scales, Sought, sought
from streams.web.search.query import Filters, FoundProduct, SearchRequest, refused
from streams.web.search.scoring import grouped, scored

MOST_SCORED: Final = 192
"""Of what the index found, the listings whose rows are read: an embedded engine takes a quarter of a ms for each."""

MOST_ADMITTED: Final = 400
"""Where filters admit so many at most, all of these are compared."""

_FIRST: Final = 48
_FIELDS: Final = (state.LISTING, state.PRODUCT_ID, state.GENERATED)

Few = Callable[[Filters, int], Awaitable[Collection[str] | None]]
"""The listings that filters admit, if there are at most so many; None if there are more, or nobody knows."""


class Encodes(Protocol):
    """What makes rows, see `streams.web.search.embedding.QueryEncoder`."""

    async def words(self, words: str) -> Embedding:
        """The rows of a text."""

    async def photo(self, photo: bytes) -> Embedding:
        """The rows of an image file."""

    async def scales(self) -> Scales:
        """What the similarities of those rows are worth."""


async def nobody_knows(_filters: Filters, _at_most: int) -> Collection[str] | None:
    """Where there is nothing beside the index."""
    return None


class Searcher:
    """Searches one generation's index.

    Args:
        reader: of that index.
        encoder: of that generation's bundle.
        search_limit: listings asked for per row at most.
        few: who knows which listings filters admit. Where these are few they are all compared; otherwise the index
            is asked first and filters come after, so that what is rare and far down may be missed.
    """

    def __init__(self, reader: IndexReader, encoder: Encodes, search_limit: int = 256, few: Few = nobody_knows) -> None:
        self._reader, self._encoder, self._search_limit, self._few = reader, encoder, search_limit, few

    async def search(self, request: SearchRequest) -> list[FoundProduct]:
        """The products that fit best, the best first.

        Raises:
            UploadError: it can't be looked for.
            IndexUnavailableError: the index does not answer.
        """
        words = await self._encoder.words(request.words) if request.words else {}
        what = sought(words, await self._shown(request), request.strength, await self._encoder.scales())
        candidates = await self._candidates(what, request)
        points = await self._reader.read(candidates, [View.RAW], _FIELDS)
        # a listing may have changed since the index was asked
        there = [point for point in points.values() if point.raw and _counts(point.payload, request.filters)]
        products = {point.listing_id: point.payload.get(state.PRODUCT_ID) for point in there}
        return grouped(scored(there, what.parts), products, request.limit)

    async def _shown(self, request: SearchRequest) -> Embedding:
        if request.photo is not None:
            return await self._encoder.photo(request.photo)
        if request.like is None:
            return {}
        point = (await self._reader.read([request.like], [View.RAW], ())).get(request.like)
        if point is None or not point.raw:
            remedy = "choose another one"
            raise refused(f"listing '{request.like[:80]}'", "not in the index", "one that is offered now", remedy)
        return point.raw

    async def _candidates(self, what: Sought, request: SearchRequest) -> list[str]:
        few = await self._few(request.filters, MOST_ADMITTED) if request.filters.any else None
        if few is not None:
            return [one for one in few if one != request.like]
        found: dict[str, Payload] = {}
        for limit in self._limits(request):
            answers = await self._reader.search(what.queries(limit), _FIELDS)
            found = {
                hit.listing_id: hit.payload
                for hit in _in_turn(answers)
                if hit.listing_id != request.like and _counts(hit.payload, request.filters)
            }
            products = {payload.get(state.PRODUCT_ID, listing_id) for listing_id, payload in found.items()}
            if len(products) >= request.limit or all(len(hits) < limit for hits in answers):
                break
        return list(found)[:MOST_SCORED]

    def _limits(self, request: SearchRequest) -> list[int]:
        """How many to ask for, and again if these are too few."""
        first = min(max(_FIRST, request.limit), self._search_limit)
        return sorted({first, self._search_limit})


def _in_turn(answers: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The best of each answer, then the second best of each."""
    return [hit for hit in chain.from_iterable(zip_longest(*answers)) if hit is not None]


def _counts(payload: Payload, filters: Filters) -> bool:
    listing = payload.get(state.LISTING)
    return isinstance(listing, dict) and filters.admit(listing, state.generated_of(payload))
