"""Opens the index that settings name."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Final

from encoders.types import Modality
from streams.index.port import Index
from streams.settings import Settings

LIVE: Final = "listings"


def collection_name(settings: Settings) -> str:
    """The collection of the generation that settings name."""
    return f"{settings.topic_prefix}{settings.generation}"


def alias_name(settings: Settings) -> str:
    """The alias of the collection whose matches are public; readers know it alone."""
    return f"{settings.topic_prefix}{LIVE}"


async def open_index(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    """Open the generation's collection, or create it; the first one there is becomes the live one.

    Args:
        settings: which engine, where, and which generation.
        dimensions: length of the rows of each dense modality, as the encoder says.

    Raises:
        IndexUnavailableError: the server does not answer.
        IndexLockedError: another process has the embedded index open.
        IndexMismatchError: the collection was made for other dimensions.
        VectorIndexError: it can't be read or written.
    """
    if settings.index == "server":
        return await _open_server(settings, dimensions)
    from streams.index import edge, edge_folder  # noqa: PLC0415  # a worker on a server needs no embedded engine

    index = edge.EdgeIndex.open(settings.index_path, collection_name(settings), dimensions)
    if edge_folder.read_alias(settings.index_path, alias_name(settings)) is None:
        edge_folder.move_alias(settings.index_path, alias_name(settings), collection_name(settings))
    return index


async def _open_server(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    from streams.index import server, server_collection  # noqa: PLC0415  # see `open_index`
    from streams.index.server_errors import told  # noqa: PLC0415  # see `open_index`

    client = server.connect(settings)
    options = server_collection.CollectionOptions(settings.qdrant_replication, settings.qdrant_shards)
    name, alias = collection_name(settings), alias_name(settings)
    try:
        index = await server.ServerIndex.open(
            client, name, dimensions, server=server.address(settings), options=options
        )
        with told(server.address(settings)):
            if await server_collection.read_alias(client, alias) is None:
                await server_collection.move_alias(client, alias, name)
    except BaseException:
        await client.close()
        raise
    return index


async def drop_index(settings: Settings) -> None:
    """Delete the collection of the generation that settings name, with all that is in it.

    Raises:
        IndexUnavailableError: the server does not answer.
        IndexLockedError: another process has the embedded index open.
    """
    name = collection_name(settings)
    if settings.index == "embedded":
        from streams.index.edge_folder import lock_collection  # noqa: PLC0415  # see `open_index`

        with lock_collection(settings.index_path, name):
            shutil.rmtree(settings.index_path / name, ignore_errors=True)
        return
    from streams.index import server  # noqa: PLC0415  # see `open_index`
    from streams.index.server_errors import told  # noqa: PLC0415  # see `open_index`

    client = server.connect(settings)
    try:
        with told(server.address(settings)):
            await client.delete_collection(name)
    finally:
        await client.close()
