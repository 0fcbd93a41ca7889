"""An index in a process of its own, for several workers: `python -m chaos.index_host FOLDER PORT DIMENSIONS`.

The engine is Qdrant Edge, durable on disk, so that the process can be killed like a server's.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from chaos import wire
from encoders.types import Modality
from streams.errors import VectorIndexError
from streams.index.edge import EdgeIndex
from streams.index.port import Index, View


async def answer(index: Index, request: wire.Json) -> Any:
    """What one call of the port gives, as JSON."""
    views = [View(name) for name in request.get("views", ())]
    match request["call"]:
        case "read":
            points = await index.read(request["ids"], views, request["fields"])
            return [wire.point_to_json(one) for one in points.values()]
        case "search":
            queries = [wire.query_from_json(one) for one in request["queries"]]
            return wire.hits_to_json(await index.search(queries, request["fields"]))
        case "write":
            return await index.write([wire.change_from_json(one) for one in request["changes"]])
        case "page":
            return wire.page_to_json(await index.page(request["start"], request["size"], views))
        case "count":
            return await index.count()
        case "backup":
            return await index.backup(request["name"])
        case other:
            raise ValueError(f"no call of the port: {other}")


class IndexServer:
    """Serves an index to whoever connects, one call at a time for each connection."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._callers: set[asyncio.Future[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._callers.add(gone)
        gone.add_done_callback(self._callers.discard)
        try:
            while True:
                await wire.write_frame(writer, await self._told(await wire.read_frame(reader)))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            gone.set_result(None)

    async def until_all_are_gone(self) -> None:
        """Return when nobody is connected."""
        await asyncio.gather(*self._callers)

    async def _told(self, request: wire.Json) -> dict[str, Any]:
        try:
            return {"result": await answer(self._index, request)}
        except VectorIndexError as error:
            facts = [error.subject, error.got, error.wanted, error.remedy]
            return {"error": type(error).__name__, "facts": facts}


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(0)


async def main(folder: Path, port: int, dimensions: Mapping[Modality, int]) -> None:
    """Serve until killed, or until standard input ends."""
    index = EdgeIndex.open(folder, "shared", dimensions)
    server = await asyncio.start_server(IndexServer(index).serve, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await asyncio.to_thread(_end_with_parent)


if __name__ == "__main__":
    sizes = {Modality(name): size for name, size in orjson.loads(sys.argv[3]).items()}
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sizes))
