"""The index that a worker has open, read from another process over its socket (`streams.index.sharing`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Final

from streams.errors import (
    IndexMismatchError,
    IndexRefusedError,
    IndexRowError,
    IndexUnavailableError,
    VectorIndexError,
)
from streams.index.frames import Frame, FrameError, RowsIn, RowsOut, read_frame, write_frame
from streams.index.port import Hit, Page, Point, Query, View, points_of
from streams.index.sharing import ANSWER_BYTES, BUFFER_BYTES, VERSION, query_to
from streams.index.sockets import our_address

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_KEPT: Final = 8
"""Connections that stay open between calls."""
_ERRORS: Final = {
    one.__name__: one for one in (IndexMismatchError, IndexRefusedError, IndexRowError, IndexUnavailableError)
}


class SharedIndex:
    """The `IndexReader` of an index that another process shares. Workers may come and go meanwhile.

    Args:
        path: where the worker has its socket, see `streams.index.sockets.socket_path`.
        timeout_s: for one call.
    """

    def __init__(self, path: Path, timeout_s: float = 30.0) -> None:
        self.round_trips = 0
        self._path, self._timeout_s = path, timeout_s
        self._idle: list[_Connection] = []
        self._closed = False

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `IndexReader.read`."""
        if not listing_ids:
            return {}
        some = None if fields is None else list(fields)
        answer = await self._call(Frame(_request("read", ids=list(listing_ids), views=list(views), fields=some)))
        return {point.listing_id: point for point in _points(answer)}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `IndexReader.search`."""
        if not queries:
            return []
        rows = RowsOut()
        asked = [query_to(one, rows) for one in queries]
        answer = await self._call(Frame(_request("search", queries=asked, fields=list(fields)), rows.joined()))
        return [[Hit(*hit) for hit in hits] for hits in answer.head["found"]]

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `IndexReader.page`."""
        answer = await self._call(Frame(_request("page", start=start, size=size, views=list(views))))
        return Page(_points(answer), answer.head["next"])

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `IndexReader.scan`."""
        return points_of(self, views, page_size)

    async def count(self) -> int:
        """See `IndexReader.count`."""
        answer = await self._call(Frame(_request("count")))
        return int(answer.head["count"])

    async def close(self) -> None:
        """See `IndexReader.close`."""
        self._closed = True
        while self._idle:
            _hang_up(self._idle.pop())

    async def _call(self, request: Frame) -> Frame:
        self.round_trips += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._exchange(request)
        except TimeoutError as error:
            raise self._unavailable(f"no answer within {self._timeout_s:g} s") from error
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise self._unavailable("nobody shares it") from error
        except (OSError, asyncio.IncompleteReadError, FrameError) as error:
            raise self._unavailable(f"'{error or type(error).__name__}'") from error
        if "error" in answer.head:
            raise _ERRORS.get(answer.head["error"], VectorIndexError)(**answer.head["facts"])
        return answer

    async def _exchange(self, request: Frame) -> Frame:
        while self._idle:
            try:
                return await self._through(self._idle.pop(), request)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # of a worker that is gone; there may be a new one
        connection = await asyncio.open_unix_connection(our_address(self._path), limit=BUFFER_BYTES)
        return await self._through(connection, request)

    async def _through(self, connection: _Connection, request: Frame) -> Frame:
        reader, writer = connection
        try:
            await write_frame(writer, request)
            answer = await read_frame(reader, ANSWER_BYTES)
        except BaseException:
            _hang_up(connection)
            raise
        if self._closed or len(self._idle) >= _KEPT:
            _hang_up(connection)
        else:
            self._idle.append(connection)
        return answer

    def _unavailable(self, got: str) -> IndexUnavailableError:
        remedy = "start 'matchstream worker' as this user, with the same MATCHSTREAM_INDEX_PATH, or wait until it is up"
        return IndexUnavailableError(
            f"index '{self._path.with_suffix('')}'", got=got, wanted="a worker that has it open", remedy=remedy
        )


def _request(call: str, **arguments: object) -> dict[str, object]:
    return {"version": VERSION, "call": call, **arguments}


def _points(answer: Frame) -> list[Point]:
    rows = RowsIn(answer.rows)
    return [rows.point(one) for one in answer.head["points"]]


def _hang_up(connection: _Connection) -> None:
    connection[1].transport.abort()
