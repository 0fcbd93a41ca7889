"""The fence: a worker that has lost its lease writes nothing any more.

Whoever lost its partitions works on listings that others work on by now, with what it read before them: what
it would write or send is old.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from streams.index.port import Change, Hit, Index, Page, Point, Query, View
from streams.stages.dependencies import Letter, Outbox
from streams.stages.lease import Lease


@dataclass(frozen=True, slots=True)
class FencedIndex:
    """An `Index` that is read as ever, and written only while the lease holds."""

    index: Index
    lease: Lease

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
        """See `Index.write`.

        Raises:
            LeaseLostError: it is lost; nothing was written.
        """
        self.lease.check()
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


@dataclass(frozen=True, slots=True)
class FencedOutbox:
    """An `Outbox` that sends only while the lease holds."""

    outbox: Outbox
    lease: Lease

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """See `Outbox.deliver`.

        Raises:
            LeaseLostError: it is lost; nothing was sent.
        """
        self.lease.check()
        await self.outbox.deliver(letters)
