"""The few listings that filters admit, looked up in what the page keeps of listings and offers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from typing import Final

from streams.web.search.query import Filters
from streams.web.store import Store

_ROUNDING: Final = 1e-9
"""Amounts are kept as floating-point numbers; whoever compares the listings does so in decimals."""


class StoredFew:
    """A `streams.web.search.searching.Few` of a store.

    Args:
        store: with the catalogue's tables.
        caught_up: whether the store knows all that the topics say; before, nobody is said to know.
    """

    def __init__(self, store: Store, caught_up: Callable[[], bool]) -> None:
        self._store, self._caught_up = store, caught_up

    async def __call__(self, filters: Filters, at_most: int) -> Collection[str] | None:
        """See `streams.web.search.searching.Few`."""
        if not self._caught_up():
            return None
        return await asyncio.to_thread(self._found, filters, at_most)

    def _found(self, filters: Filters, at_most: int) -> list[str] | None:
        conditions, values = zip(*_conditions(filters), strict=True)
        rows = self._store.reading.execute(
            f"select listing_id from listings where listed and {' and '.join(conditions)} limit ?",  # noqa: S608 - the texts below
            [*(value for some in values for value in some), at_most + 1],
        ).fetchall()
        return None if len(rows) > at_most else [row["listing_id"] for row in rows]


def _conditions(filters: Filters) -> Iterator[tuple[str, list[str | float]]]:
    if filters.category is not None:
        yield "category = ? collate nocase", [filters.category.strip()]
    if filters.seller_id is not None:
        yield "seller_id = ?", [filters.seller_id]
    if filters.currency is not None:
        least = float(filters.least or 0) * (1 - _ROUNDING)
        most = float("inf") if filters.most is None else float(filters.most) * (1 + _ROUNDING)
        among = "select listing_id from offers where currency = ? and amount between ? and ?"
        yield f"listing_id in ({among})", [filters.currency, least, most]
    for tag in filters.tags:
        yield "listing_id in (select listing_id from tags where list = ? and word = ?)", [*tag]
