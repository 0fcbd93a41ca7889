"""The folder of embedded indexes: one directory per collection, its lock, and the aliases.

`alias.json` says which collection each alias stands for. A collection's data lies in a directory of its
name: `layout.json`, its dense vectors by name, and `shard/`, the engine's own files. Beside it
`COLLECTION.lock` is held while a process has it open, `COLLECTION.owner` has that process's id, for the
message that others get, and over `COLLECTION.sock` they may read. Copies of collections lie in `backups/`
(`streams.index.edge_backup`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import orjson
from filelock import FileLock, Timeout

from streams.errors import IndexLockedError, VectorIndexError
from streams.index.sockets import remove_stale, socket_path

BACKUPS: Final = "backups"

_TAKEN: Final = {BACKUPS, "alias"}
"""Names in the folder that are no collection's."""
_ALIAS_LOCK_TIMEOUT_S: Final = 10.0


def lock_collection(folder: Path, collection: str) -> FileLock:
    """Take the lock of a collection; it goes with the process, however that ends.

    Raises:
        IndexLockedError: somebody has it.
        VectorIndexError: the folder can't be written, or no collection can have that name.
    """
    if collection in _TAKEN:
        raise VectorIndexError(
            f"collection '{collection}'",
            got="a name that the folder of indexes needs itself",
            wanted="another",
            remedy="choose another generation (MATCHSTREAM_GENERATION) or prefix (MATCHSTREAM_TOPIC_PREFIX)",
        )
    owner = folder / f"{collection}.owner"
    lock = FileLock(folder / f"{collection}.lock", timeout=0, thread_local=False, fallback_to_soft=False)
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise _locked(folder / collection, owner) from None
        _write_atomically(owner, str(os.getpid()).encode())
    return lock


def read_layout(directory: Path) -> dict[str, int] | None:
    """The dense vectors of a collection by name, or None if there is no such collection."""
    try:
        stored: dict[str, int] = orjson.loads((directory / "layout.json").read_bytes())
    except FileNotFoundError:
        return None
    return stored


def write_layout(directory: Path, vectors: Mapping[str, int]) -> None:
    """Say what lies in the directory. A collection exists from this moment on."""
    with _writable(directory):
        _write_atomically(directory / "layout.json", orjson.dumps(dict(vectors), option=orjson.OPT_INDENT_2))


def drop_collection(folder: Path, collection: str) -> None:
    """Delete a collection and what lies beside it, if anything does.

    Raises:
        IndexLockedError: somebody has it open.
        VectorIndexError: it can't be deleted.
    """
    directory = folder / collection
    lock = lock_collection(folder, collection)
    try:
        with _writable(folder):
            # without a layout it is no collection any more, wherever the rest of this ends
            (directory / "layout.json").unlink(missing_ok=True)
            if directory.exists():
                shutil.rmtree(directory)
            remove_stale(socket_path(folder, collection))
            beside = (file for kind in ("owner*", "sock", "sock.*") for file in folder.glob(f"{collection}.{kind}"))
            for left in (*beside, folder / f"{collection}.lock"):
                left.unlink(missing_ok=True)
    finally:
        lock.release()


def read_alias(folder: Path, alias: str) -> str | None:
    """The collection an alias stands for, or None."""
    return _read_aliases(folder).get(alias)


def move_alias(folder: Path, alias: str, collection: str) -> None:
    """Let an alias stand for another collection, at once for everybody who reads it.

    Raises:
        VectorIndexError: there is no such collection, or the folder can't be written.
    """
    if read_layout(folder / collection) is None:
        raise VectorIndexError(
            f"alias '{alias}'",
            got=f"'{collection}', which is not in '{folder}'",
            wanted="an existing collection",
            remedy="start a worker of that generation first",
        )
    with _writable(folder), FileLock(folder / "alias.lock", timeout=_ALIAS_LOCK_TIMEOUT_S):
        aliases = {**_read_aliases(folder), alias: collection}
        _write_atomically(folder / "alias.json", orjson.dumps(aliases, option=orjson.OPT_INDENT_2))


def drop_alias(folder: Path, alias: str) -> None:
    """Let an alias stand for nothing.

    Raises:
        VectorIndexError: the folder can't be written.
    """
    with _writable(folder), FileLock(folder / "alias.lock", timeout=_ALIAS_LOCK_TIMEOUT_S):
        aliases = {name: collection for name, collection in _read_aliases(folder).items() if name != alias}
        _write_atomically(folder / "alias.json", orjson.dumps(aliases, option=orjson.OPT_INDENT_2))


def _read_aliases(folder: Path) -> dict[str, str]:
    try:
        aliases: dict[str, str] = orjson.loads((folder / "alias.json").read_bytes())
    except FileNotFoundError:
        return {}
    return aliases


def _write_atomically(path: Path, content: bytes) -> None:
    """Write, flush to the disk, then rename: a reader finds the old content or the new, also after a crash."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Have the disk know which files are in it."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _locked(directory: Path, owner: Path) -> IndexLockedError:
    pid = owner.read_text() if owner.exists() else ""
    if pid == str(os.getpid()):
        got, remedy = "this process has it open already", "close that index first"
    else:
        got = f"process {pid} has it open" if pid else "another process has it open"
        remedy = "end that process, or use a Qdrant server (MATCHSTREAM_INDEX=server) for several workers"
    return IndexLockedError(f"index '{directory}'", got=got, wanted="one process at a time", remedy=remedy)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VectorIndexError(
            f"index folder '{folder}'",
            got=str(error.strerror or error),
            wanted="a folder that can be written",
            remedy="set MATCHSTREAM_INDEX_PATH to one",
        ) from error
