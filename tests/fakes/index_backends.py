"""The backends that the contract of the index port is held against."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from chaos.index_host import IndexServer
from chaos.remote_index import RemoteIndex
from qdrant_client import AsyncQdrantClient

from encoders.types import Modality
from streams.index import Change, Index
from streams.index.edge import EdgeIndex
from streams.index.server import ServerIndex
from streams.index.server_collection import CollectionOptions
from streams.index.shared import SharedIndex
from streams.index.sharing import shared
from streams.stages.fence import FencedIndex
from streams.stages.lease import Lease
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.qdrant_server import qdrant_server

DIMENSIONS = {Modality.IMAGE: 8, Modality.TEXT: 6, Modality.JOINT: 7}

WITHOUT_BACKUPS = {"local"}
"""Backends whose engine makes no copies."""

OpenIndex = Callable[[], Awaitable[Index]]


class Backend(Protocol):
    async def open(self) -> Index:
        """A new, empty index."""

    async def close(self) -> None:
        """Remove what was left behind."""


class MemoryBackend:
    async def open(self) -> Index:
        return MemoryIndex(DIMENSIONS)

    async def close(self) -> None:
        pass


class FencedBackend:
    """The same behind the fence of a worker that never stood still."""

    async def open(self) -> Index:
        return FencedIndex(MemoryIndex(DIMENSIONS), Lease(session_s=3600.0))

    async def close(self) -> None:
        pass


class EdgeBackend:
    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    async def open(self) -> Index:
        return EdgeIndex.open(self._folder, f"c{next(self._numbers)}", DIMENSIONS)

    async def close(self) -> None:
        pass


class RemoteBackend:
    """The embedded engine of another process, as runs with faults have it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, AsyncExitStack()

    async def open(self) -> Index:
        index = EdgeIndex.open(self._folder, uuid4().hex, DIMENSIONS)
        self._running.push_async_callback(index.close)
        host = IndexServer(index)
        self._running.push_async_callback(host.until_all_are_gone)
        server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
        self._running.callback(server.close)
        return RemoteIndex(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        await self._running.aclose()


class SharedBackend:
    """The embedded engine read over its socket, as beside a running worker, and written where it is open."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, AsyncExitStack()

    async def open(self) -> Index:
        index = EdgeIndex.open(self._folder, uuid4().hex[:8], DIMENSIONS)
        self._running.push_async_callback(index.close)
        path = self._folder / f"{uuid4().hex[:8]}.sock"
        await self._running.enter_async_context(shared(index, path))
        return WrittenDirectly(index, path)

    async def close(self) -> None:
        await self._running.aclose()


class WrittenDirectly(SharedIndex):
    """Both ends as one index."""

    def __init__(self, index: Index, path: Path) -> None:
        super().__init__(path)
        self._index = index

    async def write(self, changes: Sequence[Change]) -> None:
        self.round_trips += bool(changes)
        await self._index.write(changes)

    async def backup(self, name: str) -> str:
        return await self._index.backup(name)


class LocalBackend:
    """The adapter for servers over the client's own in-memory mode."""

    async def open(self) -> Index:
        options = CollectionOptions(payload_indexes={})
        return await ServerIndex.open(AsyncQdrantClient(":memory:"), "c", DIMENSIONS, options=options)

    async def close(self) -> None:
        pass


class WireBackend:
    """The adapter for servers over gRPC, with the in-memory mode at the other end."""

    def __init__(self) -> None:
        self._running = AsyncExitStack()

    async def open(self) -> Index:
        server = await self._running.enter_async_context(qdrant_server())
        return await ServerIndex.open(server.client(), "c", DIMENSIONS)

    async def close(self) -> None:
        await self._running.aclose()


class ServerBackend:
    def __init__(self, url: str, grpc_port: int) -> None:
        self._url, self._grpc_port, self._made = url, grpc_port, []

    async def open(self) -> Index:
        self._made.append(f"contract-{uuid4()}")
        return await ServerIndex.open(self._client(), self._made[-1], DIMENSIONS)

    async def close(self) -> None:
        client = self._client()
        for collection in self._made:
            await client.delete_collection(collection)
        await client.close()

    def _client(self) -> AsyncQdrantClient:
        return AsyncQdrantClient(
            url=self._url,
            grpc_port=self._grpc_port,
            prefer_grpc=True,
            api_key=os.environ.get("QDRANT_API_KEY"),
            check_compatibility=False,
        )


def backend_named(name: str, folder: Path) -> Backend:
    makers: dict[str, Callable[[], Backend]] = {
        "fake": MemoryBackend,
        "fenced": FencedBackend,
        "edge": lambda: EdgeBackend(folder),
        "shared": lambda: SharedBackend(folder),
        "remote": lambda: RemoteBackend(folder),
        "local": LocalBackend,
        "wire": WireBackend,
        "server": _server,
    }
    return makers[name]()


def _server() -> Backend:
    if "QDRANT_URL" not in os.environ:
        pytest.skip("QDRANT_URL names no Qdrant server")
    return ServerBackend(os.environ["QDRANT_URL"], int(os.environ.get("QDRANT_GRPC_PORT", "6334")))
