"""Opens the index that settings name."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from encoders.types import Modality
from streams.errors import IndexMismatchError, IndexMissingError
from streams.index.port import Index
from streams.settings import Settings

LIVE: Final = "listings"
_BUNDLE: Final = "bundle"


def collection_name(settings: Settings) -> str:
    """The collection of the generation that settings name."""
    return f"{settings.topic_prefix}{settings.generation}"


def alias_name(settings: Settings) -> str:
    """The alias of the collection whose matches are public; readers know it alone."""
    return f"{settings.topic_prefix}{LIVE}"


async def open_existing_index(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    """Open the generation's collection to look at it, whichever bundle it was begun with; never create it.

    Raises:
        IndexMissingError: there is none.
        VectorIndexError: as `open_index` says.
    """
    if not await _exists(settings):
        raise IndexMissingError(
            f"generation '{settings.generation}'",
            got=f"no collection '{collection_name(settings)}'",
            wanted="one that a worker has begun",
            remedy="check MATCHSTREAM_GENERATION and MATCHSTREAM_INDEX, or run 'matchstream worker' first",
        )
    return await open_index(settings, dimensions)


async def _exists(settings: Settings) -> bool:
    name = collection_name(settings)
    if settings.index == "embedded":
        from streams.index.edge_folder import read_layout  # noqa: PLC0415  # see `open_index`

        return read_layout(settings.index_path / name) is not None
    from streams.index import server  # noqa: PLC0415  # see `open_index`
    from streams.index.server_errors import told  # noqa: PLC0415  # see `open_index`

    client = server.connect(settings)
    try:
        with told(server.address(settings)):
            return await client.collection_exists(name)
    finally:
        await client.close()


async def open_index(settings: Settings, dimensions: Mapping[Modality, int], bundle: str = "") -> Index:
    """Open the generation's collection, or create it; the first one there is becomes the live one.

    Args:
        settings: which engine, where, and which generation.
        dimensions: length of the rows of each dense modality, as the encoder says.
        bundle: digest of the bundle; a generation keeps the one it was begun with. Empty looks at none.

    Raises:
        IndexUnavailableError: the server does not answer.
        IndexLockedError: another process has the embedded index open.
        IndexMismatchError: the collection was made for other dimensions or another bundle.
        VectorIndexError: it can't be read or written.
    """
    if settings.index == "server":
        return await _open_server(settings, dimensions, bundle)
    from streams.index import edge, edge_folder  # noqa: PLC0415  # a worker on a server needs no embedded engine

    index = edge.EdgeIndex.open(settings.index_path, collection_name(settings), dimensions)
    try:
        _keep_bundle(settings.index_path / collection_name(settings) / _BUNDLE, bundle, settings)
    except BaseException:
        await index.close()
        raise
    if edge_folder.read_alias(settings.index_path, alias_name(settings)) is None:
        edge_folder.move_alias(settings.index_path, alias_name(settings), collection_name(settings))
    return index


async def _open_server(settings: Settings, dimensions: Mapping[Modality, int], bundle: str) -> Index:
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
            stored = (await client.get_collection(name)).config.metadata or {}
            if bundle and _BUNDLE not in stored:
                await client.update_collection(name, metadata={_BUNDLE: bundle})
            _check_bundle(stored.get(_BUNDLE), bundle, settings)
            if await server_collection.read_alias(client, alias) is None:
                await server_collection.move_alias(client, alias, name)
    except BaseException:
        await client.close()
        raise
    return index


def _keep_bundle(file: Path, bundle: str, settings: Settings) -> None:
    """Note the bundle of a collection that has none yet, and refuse another one."""
    if bundle and not file.exists():
        file.write_text(bundle)
    _check_bundle(file.read_text() if file.exists() else None, bundle, settings)


def _check_bundle(stored: str | None, bundle: str, settings: Settings) -> None:
    if bundle and stored and stored != bundle:
        raise IndexMismatchError(
            f"generation '{settings.generation}'",
            got=f"bundle {bundle[:12]}",
            wanted=f"{stored[:12]}, with which it was begun,",
            remedy="name that bundle in MATCHSTREAM_BUNDLE, or begin another generation with MATCHSTREAM_GENERATION",
        )


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
