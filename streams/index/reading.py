"""An index that is looked at only, for what takes a whole one and writes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from streams.errors import IndexRefusedError
from streams.index.port import Change, Hit, IndexReader, Page, Point, Query, View


@dataclass(frozen=True, slots=True)
class ReadOnlyIndex:
    """An `Index` that is read as ever and refuses to be written."""

    reader: IndexReader

    @property
    def round_trips(self) -> int:
        """See `Index.round_trips`."""
        return self.reader.round_trips

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        return await self.reader.read(listing_ids, views, fields)

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        return await self.reader.search(queries, fields)

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        return await self.reader.page(start, size, views)

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return self.reader.scan(views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        return await self.reader.count()

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`.

        Raises:
            IndexRefusedError: always.
        """
        raise _refused(f"a write of {len(changes)} listings")

    async def backup(self, name: str) -> str:
        """See `Index.backup`.

        Raises:
            IndexRefusedError: always.
        """
        raise _refused(f"a backup '{name}'")

    async def close(self) -> None:
        """See `Index.close`."""
        await self.reader.close()


def _refused(got: str) -> IndexRefusedError:
    remedy = "open the index itself while no worker has it open"
    return IndexRefusedError("index that is looked at only", got=got, wanted="reading", remedy=remedy)
