"""The index port over a connection to `chaos.index_host`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Self

from chaos import wire
from streams import errors
from streams.errors import IndexUnavailableError
from streams.index.port import Change, Hit, Page, Point, Query, View, points_of


class RemoteIndex:
    """An `Index` in another process. A call that is not answered in time may have been carried out.

    Args:
        port: on the loopback.
        timeout_s: for one call.
    """

    def __init__(self, port: int, timeout_s: float = 5.0) -> None:
        self.round_trips = 0
        self._port, self._timeout_s = port, timeout_s
        self._turn = asyncio.Lock()
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def opened(self) -> Self:
        """Ask once whether it is there."""
        await self.count()
        return self

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        if not listing_ids:
            return {}
        some = None if fields is None else list(fields)
        found = await self._call("read", ids=list(listing_ids), views=[view.value for view in views], fields=some)
        return {point.listing_id: point for point in map(wire.point_from_json, found)}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        if not queries:
            return []
        asked = [wire.query_to_json(one) for one in queries]
        return wire.hits_from_json(await self._call("search", queries=asked, fields=list(fields)))

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        if changes:
            await self._call("write", changes=[wire.change_to_json(one) for one in changes])

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        return wire.page_from_json(
            await self._call("page", start=start, size=size, views=[view.value for view in views])
        )

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return points_of(self, views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        return int(await self._call("count"))

    async def backup(self, name: str) -> str:
        """See `Index.backup`."""
        return str(await self._call("backup", name=name))

    async def close(self) -> None:
        """See `Index.close`."""
        self._hang_up()

    async def _call(self, call: str, **arguments: object) -> Any:
        self.round_trips += 1
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._exchange({"call": call, **arguments})
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self._hang_up()
                raise unavailable(type(error).__name__) from error
            except BaseException:
                self._hang_up()
                raise
        if "error" in answer:
            subject, got, wanted, remedy = answer["facts"]
            raise getattr(errors, answer["error"])(subject, got=got, wanted=wanted, remedy=remedy)
        return answer["result"]

    async def _exchange(self, request: wire.Json) -> Any:
        if self._connection is None:
            self._connection = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._connection
        await wire.write_frame(writer, request)
        return await wire.read_frame(reader)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection[1].transport.abort()
            self._connection = None


def unavailable(got: str) -> IndexUnavailableError:
    """As an adapter tells that the engine does not answer."""
    return IndexUnavailableError("index", got=got, wanted="an answer", remedy="it is tried again")
