"""Which collection belongs to a generation, and which of them is live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from streams.errors import IndexMissingError
from streams.settings import Settings

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient

LIVE: Final = "listings"


def collection_name(settings: Settings) -> str:
    """The collection of the generation that settings name."""
    return f"{settings.topic_prefix}{settings.generation}"


def alias_name(settings: Settings) -> str:
    """The alias of the collection whose matches are public; readers know it alone."""
    return f"{settings.topic_prefix}{LIVE}"


async def live_collection(settings: Settings) -> str | None:
    """The collection that the alias stands for; None if no index was ever opened.

    Raises:
        IndexUnavailableError: the server does not answer.
    """
    if settings.index == "embedded":
        from streams.index.edge_folder import read_alias  # noqa: PLC0415  # see `streams.index.opening`

        return read_alias(settings.index_path, alias_name(settings))
    from streams.index import server_collection  # noqa: PLC0415  # see `streams.index.opening`

    async with connected(settings) as client:
        return await server_collection.read_alias(client, alias_name(settings))


async def move_live_alias(settings: Settings) -> None:
    """Let the alias stand for the collection of the generation that settings name.

    Raises:
        IndexMissingError: there is no such collection; the alias stands for what it stood for.
        IndexUnavailableError: the server does not answer.
        VectorIndexError: the folder of embedded indexes can't be written.
    """
    await check_exists(settings)
    if await live_collection(settings) == collection_name(settings):
        return
    if settings.index == "embedded":
        from streams.index.edge_folder import move_alias  # noqa: PLC0415  # see `streams.index.opening`

        move_alias(settings.index_path, alias_name(settings), collection_name(settings))
        return
    from streams.index import server_collection  # noqa: PLC0415  # see `streams.index.opening`

    async with connected(settings) as client:
        await server_collection.move_alias(client, alias_name(settings), collection_name(settings))


async def check_exists(settings: Settings) -> None:
    """See that the generation that settings name has a collection.

    Raises:
        IndexMissingError: it has none.
        IndexUnavailableError: the server does not answer.
    """
    if not await _exists(settings):
        raise IndexMissingError(
            f"generation '{settings.generation}'",
            got=f"no collection '{collection_name(settings)}'",
            wanted="one that a worker has begun",
            remedy="check MATCHSTREAM_GENERATION and MATCHSTREAM_INDEX, or run 'matchstream worker' first",
        )


async def _exists(settings: Settings) -> bool:
    name = collection_name(settings)
    if settings.index == "embedded":
        from streams.index.edge_folder import read_layout  # noqa: PLC0415  # see `streams.index.opening`

        return read_layout(settings.index_path / name) is not None
    async with connected(settings) as client:
        return await client.collection_exists(name)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[AsyncQdrantClient]:
    """A client for the server that settings name, as long as the block runs; its errors are told as ours."""
    from streams.index import server  # noqa: PLC0415  # see `streams.index.opening`
    from streams.index.server_errors import told  # noqa: PLC0415  # see `streams.index.opening`

    client = server.connect(settings)
    try:
        with told(server.address(settings)):
            yield client
    finally:
        await client.close()
