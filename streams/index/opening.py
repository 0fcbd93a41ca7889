"""Opens the index that settings name."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from encoders.types import Modality
from streams.index.port import Index
from streams.settings import Settings


def collection_name(settings: Settings) -> str:
    """The collection of the generation that settings name."""
    return f"{settings.topic_prefix}{settings.generation}"


async def open_index(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    """Open the generation's collection, or create it.

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
    from streams.index.edge import EdgeIndex  # noqa: PLC0415  # a worker on a server needs no embedded engine

    return EdgeIndex.open(settings.index_path, collection_name(settings), dimensions)


async def _open_server(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    from streams.index.server import ServerIndex, address, connect  # noqa: PLC0415  # see `open_index`
    from streams.index.server_collection import CollectionOptions  # noqa: PLC0415  # see `open_index`

    client = connect(settings)
    options = CollectionOptions(settings.qdrant_replication, settings.qdrant_shards)
    name = collection_name(settings)
    try:
        return await ServerIndex.open(client, name, dimensions, server=address(settings), options=options)
    except BaseException:
        await client.close()
        raise


async def drop_index(settings: Settings) -> None:
    """Delete the collection of the generation that settings name, with all that is in it.

    Raises:
        IndexUnavailableError: the server does not answer.
    """
    if settings.index == "embedded":
        shutil.rmtree(settings.index_path / collection_name(settings), ignore_errors=True)
        return
    from streams.index.server import connect  # noqa: PLC0415  # see `open_index`

    client = connect(settings)
    try:
        await client.delete_collection(collection_name(settings))
    finally:
        await client.close()
