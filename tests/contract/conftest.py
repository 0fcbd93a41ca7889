"""Indexes of every backend."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams.index import Index
from tests.fakes.index_backends import OpenIndex, backend_named


@pytest.fixture(params=["fake", "fenced", "edge", "shared", "remote", "local", "wire", "server"])
async def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenIndex]:
    """Opens new, empty indexes of one backend, and closes them all at the end."""
    backend, opened = backend_named(request.param, tmp_path), []

    async def open_one() -> Index:
        opened.append(await backend.open())
        return opened[-1]

    yield open_one
    for index in opened:
        await index.close()
    await backend.close()


@pytest.fixture
async def index(open_index: OpenIndex) -> Index:
    return await open_index()
