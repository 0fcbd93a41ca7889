"""An index that passes everything on: what looks on, or stands in between, changes the one call it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from streams.index.port import Change, Hit, Index, Page, Point, Query, View


@dataclass(slots=True)
class PassingIndex:
    """An `Index` that does what the one behind it does."""

    index: Index

    @property
    def round_trips(self) -> int:
        """See `Index.round_trips`."""
        return self.index.round_trips

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        return await self.index.read(listing_ids, views, fields)

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        return await self.index.search(queries, fields)

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        await self.index.write(changes)

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        return await self.index.page(start, size, views)

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return self.index.scan(views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        return await self.index.count()

    async def backup(self, name: str) -> str:
        """See `Index.backup`."""
        return await self.index.backup(name)

    async def close(self) -> None:
        """See `Index.close`."""
        await self.index.close()
