"""The backends that the contract of the index port is held against."""

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from qdrant_client import AsyncQdrantClient

from encoders.types import Modality
from streams.index import Index
from streams.index.edge import EdgeIndex
from streams.index.server import ServerIndex
from streams.index.server_collection import CollectionOptions
from streams.stages.fence import FencedIndex, Lease
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.qdrant_server import qdrant_server

DIMENSIONS = {Modality.IMAGE: 8, Modality.TEXT: 6, Modality.JOINT: 7}

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
    if name == "fake":
        return MemoryBackend()
    if name == "fenced":
        return FencedBackend()
    if name == "edge":
        return EdgeBackend(folder)
    if name == "local":
        return LocalBackend()
    if name == "wire":
        return WireBackend()
    if "QDRANT_URL" not in os.environ:
        pytest.skip("QDRANT_URL names no Qdrant server")
    return ServerBackend(os.environ["QDRANT_URL"], int(os.environ.get("QDRANT_GRPC_PORT", "6334")))
