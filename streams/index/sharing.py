"""Sharing an index with other processes: reading it over a socket, while the process that has it open goes on.

An embedded index is open in one process at a time. The worker that has it lets others of the same user read,
search and page through it; nobody else writes. The other end is `streams.index.shared`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from streams.errors import IndexRefusedError, VectorIndexError
from streams.index.frames import Frame, FrameError, RowsIn, RowsOut, read_frame, write_frame
from streams.index.port import IndexReader, Query, View
from streams.index.sockets import listen

VERSION: Final = 1
"""Of what is said over the socket; both ends say theirs."""

REQUEST_BYTES: Final = 64 << 20
ANSWER_BYTES: Final = 256 << 20
BUFFER_BYTES: Final = 1 << 20
_AT_ONCE: Final = 256
"""Points read in one step: the stages of the worker have a turn in between."""
_PAGE: Final = 1024

_Ask = Callable[[IndexReader], Awaitable[Frame]]

_log = logging.getLogger(__name__)


@asynccontextmanager
async def shared(index: IndexReader, path: Path) -> AsyncIterator[None]:
    """Let other processes of this user read the index as long as the block runs.

    A place without sockets costs the sharing, with a warning; what the block does goes on without it.

    Args:
        index: to read from; calls come between those of this process.
        path: where readers look for the socket; a stale one there is replaced.
    """
    try:
        listening = listen(path)
    except OSError as error:
        _log.warning("the index is not shared, so that only this process can read it: '%s': %s", path, error)
        yield
        return
    sharer = _Sharer(index)
    server = await asyncio.start_unix_server(sharer.serve, sock=listening.socket, limit=BUFFER_BYTES)
    try:
        yield
    finally:
        listening.remove()
        server.close()
        await sharer.hang_up()


class _Sharer:
    """Answers whoever connects, one call at a time for each connection."""

    def __init__(self, index: IndexReader) -> None:
        self._index = index
        self._callers: dict[asyncio.Future[None], asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._callers[gone] = writer
        try:
            while True:
                request = await read_frame(reader, REQUEST_BYTES)
                await write_frame(writer, await _answer(self._index, request))
        except (OSError, asyncio.IncompleteReadError):
            pass  # it hung up
        except FrameError as error:
            _log.warning("somebody sent what is no request to a shared index: %s", error)
        finally:
            writer.transport.abort()
            del self._callers[gone]
            gone.set_result(None)

    async def hang_up(self) -> None:
        """Return when nobody is connected; a call in hand is finished first."""
        for writer in self._callers.values():
            writer.transport.abort()
        await asyncio.gather(*self._callers)


async def _answer(index: IndexReader, request: Frame) -> Frame:
    try:
        ask = _asked(request)
    except (LookupError, TypeError, ValueError) as error:
        return _failed(_unknown(f"'{type(error).__name__}: {error}'"))
    try:
        return await ask(index)
    except VectorIndexError as error:
        return _failed(error)


def _asked(request: Frame) -> _Ask:
    asked = request.head
    if asked["version"] != VERSION:
        raise ValueError(f"version {asked['version']}")
    views = [View(name) for name in asked.get("views", ())]
    match asked["call"]:
        case "read":
            return partial(_read, ids=[str(one) for one in asked["ids"]], views=views, fields=_fields(asked))
        case "search":
            rows = RowsIn(request.rows)
            queries = [query_from(one, rows) for one in asked["queries"]]
            return partial(_search, queries=queries, fields=_fields(asked) or ())
        case "page":
            start = None if asked["start"] is None else str(asked["start"])
            return partial(_page, start=start, size=max(1, min(int(asked["size"]), _PAGE)), views=views)
        case "count":
            return _count
        case other:
            raise ValueError(f"call {other!r}")


def _fields(asked: Mapping[str, Any]) -> list[str] | None:
    return None if asked["fields"] is None else [str(one) for one in asked["fields"]]


async def _read(
    index: IndexReader, *, ids: Sequence[str], views: Sequence[View], fields: Sequence[str] | None
) -> Frame:
    rows, points, rest = RowsOut(), [], iter(dict.fromkeys(ids))
    while some := list(islice(rest, _AT_ONCE)):
        points += [rows.point(one) for one in (await index.read(some, views, fields)).values()]
        if rows.size > ANSWER_BYTES // 2:
            raise IndexRefusedError(
                "shared index", got=f"a call for {len(ids)} listings at once", wanted="fewer", remedy="ask in parts"
            )
    return Frame({"points": points}, rows.joined())


async def _search(index: IndexReader, *, queries: Sequence[Query], fields: Sequence[str]) -> Frame:
    found = await index.search(queries, fields)
    return Frame({"found": [[[hit.listing_id, hit.similarity, hit.payload] for hit in hits] for hits in found]})


async def _page(index: IndexReader, *, start: str | None, size: int, views: Sequence[View]) -> Frame:
    page, rows = await index.page(start, size, views), RowsOut()
    return Frame({"points": [rows.point(one) for one in page.points], "next": page.next}, rows.joined())


async def _count(index: IndexReader) -> Frame:
    return Frame({"count": await index.count()})


def query_to(query: Query, rows: RowsOut) -> dict[str, Any]:
    """A query, with its row among the others."""
    row = rows.embedding({query.modality: query.row})
    return {"view": query.view.value, "row": row, "floor": query.floor, "limit": query.limit}


def query_from(value: Mapping[str, Any], rows: RowsIn) -> Query:
    """Back from `query_to`."""
    ((modality, row),) = rows.embedding(value["row"]).items()
    return Query(View(value["view"]), modality, row, float(value["floor"]), int(value["limit"]))


def _failed(error: VectorIndexError) -> Frame:
    facts = {"subject": error.subject, "got": error.got, "wanted": error.wanted, "remedy": error.remedy}
    return Frame({"error": type(error).__name__, "facts": facts})


def _unknown(got: str) -> IndexRefusedError:
    remedy = "use one version of matchstream for the worker and for what reads beside it, and start both again"
    return IndexRefusedError("shared index", got=got, wanted="a request that the worker knows", remedy=remedy)
