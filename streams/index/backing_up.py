"""Copies the index that settings name, for the day when it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from encoders.types import Modality
from streams.errors import IndexLockedError
from streams.index.layout import Layout
from streams.index.live import check_exists, collection_name
from streams.settings import Settings

_SNAPSHOT_TIMEOUT_S: Final = 6 * 3600.0
"""The server answers when all is copied, which takes as long as its disk does."""


async def backup_index(settings: Settings, dimensions: Mapping[Modality, int], name: str) -> str | None:
    """Copy the generation's collection and tell where the copy is.

    Returns:
        In words for people; None where a worker has the embedded index open, and is the one to be asked.

    Raises:
        IndexMissingError: there is no such collection.
        VectorIndexError: it can't be copied.
    """
    await check_exists(settings)
    if settings.index == "embedded":
        return await _copy_if_closed(settings, name)
    from streams.index import server  # noqa: PLC0415  # see `streams.index.opening`

    layout = Layout(collection_name(settings), dimensions)
    client = server.connect(settings, timeout_s=_SNAPSHOT_TIMEOUT_S)
    index = server.ServerIndex(client, layout, server.address(settings))
    try:
        return await index.backup(name)
    finally:
        await index.close()


async def _copy_if_closed(settings: Settings, name: str) -> str | None:
    from streams.index import edge_backup, edge_folder  # noqa: PLC0415  # see `streams.index.opening`

    folder, collection = settings.index_path, collection_name(settings)
    try:
        lock = edge_folder.lock_collection(folder, collection)
    except IndexLockedError:
        return None
    try:
        return str(await edge_backup.copy_beside(folder, collection, name))
    finally:
        lock.release()
