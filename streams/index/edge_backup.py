"""Copies of an embedded collection, for the day when it is lost.

A copy named N lies in `backups/N/` beside the collections, under its collection's own name: that folder is a
folder of indexes itself, and what is in it can be opened there.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from streams.errors import IndexRefusedError, VectorIndexError
from streams.index.edge_folder import BACKUPS, flush_folder

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BLOCK: Final = bytes(1 << 18)
"""The engine makes files of 32 MB and fills them bit by bit: what is still empty is not copied."""


async def copy_beside(folder: Path, collection: str, name: str) -> Path:
    """Do as `copy_collection` does in a thread; whoever is cancelled waits until that has cleared up."""
    given_up = Event()
    copying = asyncio.create_task(asyncio.to_thread(copy_collection, folder, collection, name, given_up))
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        given_up.set()
        await asyncio.gather(copying, return_exceptions=True)
        raise


def copy_collection(folder: Path, collection: str, name: str, given_up: Event | None = None) -> Path:
    """Copy a collection that nobody writes to meanwhile, and tell where the copy is.

    An earlier copy of that name stays until the new one is whole, and is replaced by it.

    Args:
        folder: of the embedded indexes.
        collection: which one.
        name: of the copy.
        given_up: set by whoever does not want it any more.

    Raises:
        IndexRefusedError: the name can't be one.
        VectorIndexError: there is no room for it, or it can't be written; nothing of it is left.
    """
    if not _NAME.fullmatch(name):
        raise IndexRefusedError(
            "backup", got=f"name {name!r}", wanted="letters, digits, '.', '_' and '-'", remedy="choose another name"
        )
    copy = folder / BACKUPS / name / collection
    unfinished, replaced = (copy.with_name(f"{collection}.{state}") for state in ("unfinished", "replaced"))
    with _told(folder / collection, copy):
        copy.parent.mkdir(parents=True, exist_ok=True)
        _resume(copy, replaced)
        try:
            _remove(unfinished)
            _copy_folder(folder / collection, unfinished, given_up or Event())
            if copy.exists():
                copy.rename(replaced)
            unfinished.rename(copy)
            flush_folder(copy.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _remove(replaced)
    return copy


def copied_since(folder: Path, collection: str, name: str, at_s: float) -> Path | None:
    """Where the copy of that name is, if it was made after that time, in seconds since 1970."""
    copy = folder / BACKUPS / name / collection
    return copy if copy.exists() and copy.stat().st_mtime >= at_s else None


def _resume(copy: Path, replaced: Path) -> None:
    """Put back or remove what a copy that was killed while it replaced another one left."""
    if replaced.exists() and not copy.exists():
        replaced.rename(copy)
    _remove(replaced)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _copy_folder(source: Path, target: Path, given_up: Event) -> None:
    for directory, _, files in os.walk(source):
        here = target / Path(directory).relative_to(source)
        here.mkdir()
        for file in files:
            _copy_file(Path(directory, file), here / file, given_up)
        flush_folder(here)


def _copy_file(source: Path, target: Path, given_up: Event) -> None:
    with source.open("rb", buffering=0) as old, target.open("xb", buffering=0) as new:
        while block := old.read(len(_BLOCK)):
            if given_up.is_set():
                raise InterruptedError("told to stop")
            if block == _BLOCK[: len(block)]:
                new.seek(len(block), os.SEEK_CUR)
            else:
                _write(new.fileno(), block)
        new.truncate(old.tell())
        os.fsync(new.fileno())


def _write(file: int, block: bytes) -> None:
    """All of it: the system may take a part only, as it does when a disk is about to be full."""
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]


@contextmanager
def _told(source: Path, copy: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VectorIndexError(
            f"backup '{copy}'",
            got=str(error.strerror or error),
            wanted=f"a folder with room for {_stored_bytes(source) / 1e6:,.1f} MB",
            remedy="make room there, then run it again; the index itself is as it was",
        ) from error


def _stored_bytes(folder: Path) -> int:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_blocks * 512 for file in files)
