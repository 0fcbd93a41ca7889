"""Opens, copies and deletes the index that settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from encoders.types import Modality
from streams.errors import IndexMismatchError, IndexUnavailableError, VectorIndexError
from streams.index.backing_up import backup_index
from streams.index.live import alias_name, check_exists, collection_name, connected, live_collection, move_live_alias
from streams.index.port import Index, IndexReader
from streams.index.shared import SharedIndex
from streams.index.sharing import shared
from streams.index.sockets import socket_path
from streams.settings import Settings

__all__ = [
    "alias_name",
    "backup_index",
    "collection_name",
    "drop_index",
    "live_collection",
    "move_live_alias",
    "open_existing_index",
    "open_index",
    "open_reader",
    "sharing",
]

_BUNDLE: Final = "bundle"


async def open_existing_index(settings: Settings, dimensions: Mapping[Modality, int]) -> Index:
    """Open the generation's collection to look at it, whichever bundle it was begun with; never create it.

    Raises:
        IndexMissingError: there is none.
        VectorIndexError: as `open_index` says.
    """
    await check_exists(settings)
    return await open_index(settings, dimensions)


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


async def open_reader(
    settings: Settings, dimensions: Mapping[Modality, int], *, folder_too: bool = False
) -> IndexReader:
    """Read the generation's collection beside the worker that fills it; nothing is created.

    An embedded index is read through its worker, which may start later and come and go: a call while there is
    none says so. Another generation is another reader; the roster tells which is live.

    Args:
        settings: which engine, where, and which generation.
        dimensions: length of the rows of each dense modality, as the encoder says.
        folder_too: open the embedded index itself if no worker shares it. No worker can start meanwhile, so this
            is for what ends soon.

    Raises:
        IndexMissingError: a server, or the folder if that is looked at, has no such collection.
        VectorIndexError: as `open_index` says.
    """
    if settings.index == "server":
        return await open_existing_index(settings, dimensions)
    reader = SharedIndex(socket_path(settings.index_path, collection_name(settings)))
    if not folder_too:
        return reader
    try:
        await reader.count()
    except IndexUnavailableError:
        await reader.close()
        return await open_existing_index(settings, dimensions)
    return reader


@asynccontextmanager
async def sharing(settings: Settings, index: Index) -> AsyncIterator[None]:
    """Let other processes read the generation's index as long as the block runs, as a server does by itself."""
    if settings.index == "server":
        yield
        return
    async with shared(index, socket_path(settings.index_path, collection_name(settings))):
        yield


async def _open_server(settings: Settings, dimensions: Mapping[Modality, int], bundle: str) -> Index:
    from streams.index import server, server_collection  # noqa: PLC0415  # see `open_index`
    from streams.index.server_errors import told  # noqa: PLC0415  # see `open_index`

    client = server.connect(settings)
    options = server_collection.options_of(settings)
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


async def drop_index(settings: Settings, *, live: bool = False) -> None:
    """Delete the collection of the generation that settings name, with all that is in it, if there is one.

    Args:
        settings: which engine, where, and which generation.
        live: also if the alias stands for it; the alias goes, too.

    Raises:
        VectorIndexError: the alias stands for it.
        IndexUnavailableError: the server does not answer.
        IndexLockedError: another process has the embedded index open.
    """
    name = collection_name(settings)
    is_live = await live_collection(settings) == name
    if is_live and not live:
        raise VectorIndexError(
            f"collection '{name}'",
            got=f"alias '{alias_name(settings)}', which stands for it,",
            wanted="a collection that is not live",
            remedy="promote another generation first",
        )
    if settings.index == "embedded":
        from streams.index import edge_folder  # noqa: PLC0415  # see `open_index`

        edge_folder.drop_collection(settings.index_path, name)
        if is_live:
            edge_folder.drop_alias(settings.index_path, alias_name(settings))
        return
    async with connected(settings) as client:
        await client.delete_collection(name)
