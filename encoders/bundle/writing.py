"""Writing a bundle: all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from errno import EACCES, EDQUOT, EEXIST, EFBIG, ENAMETOOLONG, ENOSPC, ENOTDIR, EPERM, EROFS
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from encoders.bundle.manifest import Manifest
from encoders.bundle.reading import MANIFEST, Bundle, new_digest, read_bundle
from encoders.bundle.specs import EXACT
from encoders.bundle.wording import size_in_words
from encoders.errors import BundleError

_CHUNK_BYTES = 1 << 20
_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})
_REFUSED = frozenset({EACCES, EEXIST, ENAMETOOLONG, ENOTDIR, EPERM, EROFS})

Files = Mapping[str, bytes | Path]
"""What is to be in a bundle by name: content, or where to copy it from."""


def write_bundle(output: Path, manifest: Manifest, files: Files) -> Bundle:
    """Write a bundle and read it back. What was there stays as it is until the new one is whole.

    Args:
        output: the folder to make; a bundle that is there is replaced.
        manifest: what it is to say of itself; a `Bundle` is one, too.
        files: content by name, or where to copy it from.

    Raises:
        BundleError: `output` is something else than a bundle, or the parts don't fit together, or the disk is full.
    """
    building = output.with_name(f".{output.name}.{uuid4().hex}")
    try:
        with _told(output, files):
            _look_at(output)
            output.parent.mkdir(parents=True, exist_ok=True)
            _build(building, manifest, files)
            read_bundle(building)
            _exchange(building, output)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return read_bundle(output.resolve())


def _look_at(output: Path) -> None:
    if output.exists() and not (output / MANIFEST).is_file() and (not output.is_dir() or any(output.iterdir())):
        raise BundleError(str(output), "something that is no bundle", "a bundle or nothing", "choose another folder")


@contextmanager
def _told(output: Path, files: Files) -> Iterator[None]:
    """What the file system refuses, as an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL | _REFUSED:
            raise
        room = f"make room for {size_in_words(_size(files))}, or " if error.errno in _FULL else ""
        wanted = "a folder that can be written to"
        raise BundleError(str(output), f"can't be written ({error})", wanted, f"{room}choose another folder") from error


def _size(files: Files) -> int:
    paths = [one for one in files.values() if isinstance(one, Path) and one.is_file()]
    return sum(len(one) for one in files.values() if isinstance(one, bytes)) + sum(one.stat().st_size for one in paths)


def _build(folder: Path, manifest: Manifest, files: Files) -> None:
    folder.mkdir()
    digests = {}
    for name, content in sorted(files.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        digests[name] = _put(folder / name, content)
    (folder / MANIFEST).write_bytes(_document(manifest, digests))


def _put(target: Path, content: bytes | Path) -> str:
    """Write a file a part at a time, since weights can be larger than memory; returns its digest."""
    digest = new_digest()
    with target.open("wb") as file:
        for part in _parts(content):
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def _parts(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while part := file.read(_CHUNK_BYTES):
            yield part


def _document(manifest: Manifest, digests: Mapping[str, str]) -> bytes:
    """`manifest.json`, in the lowest format that says everything: older versions read what they can."""
    values = {part.name: getattr(manifest, part.name) for part in fields(Manifest)}
    values |= {"dimensions": {str(key): value for key, value in manifest.dimensions.items()}}
    values |= {"format": lowest_format(manifest), "files": digests}
    try:
        document = orjson.loads(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError as error:
        remedy = "use names that are UTF-8"
        raise BundleError("new", f"something that JSON can't say ({error})", "plain values", remedy) from error
    return orjson.dumps(_in_format_1(document), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


_LATER = frozenset({"joint", "dual", "captions", "tags"})
_BEFORE: Mapping[str, Any] = {"photos": 1, "rows": "float32", "expected": {}}
"""Fields that there were not always, and what held without a word."""


def _in_format_1(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what format 1 has no word for and the bundle does not have."""
    kept = {name: value for name, value in document.items() if name not in _LATER or value is not None}
    for name, before in _BEFORE.items():
        if kept[name] == before:
            del kept[name]
    for name in ("text", "image"):
        if kept[name] is not None and kept[name]["head"] is None:
            kept[name] = {field: value for field, value in kept[name].items() if field != "head"}
    for name in ("text", "image", "dual"):
        if name in kept and kept[name] is not None and kept[name]["precision"] == EXACT:
            kept[name] = {field: value for field, value in kept[name].items() if field != "precision"}
    return kept


def lowest_format(manifest: Manifest) -> int:
    """The oldest format that has words for all that the manifest says."""
    if manifest.rows != "float32" or manifest.expected or {*manifest.precisions.values()} - {EXACT}:
        return 4
    heads = (manifest.text and manifest.text.head, manifest.image and manifest.image.head)
    if manifest.dual or manifest.captions or manifest.tags or manifest.photos > 1:
        return 3
    return 2 if manifest.joint or any(heads) else 1


def _exchange(building: Path, output: Path) -> None:
    """Put the new folder in the old one's place; two renames, since a folder can't replace a full one."""
    old = building.with_name(f"{building.name}.old")
    with suppress(FileNotFoundError):
        output.rename(old)
    try:
        building.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise
    shutil.rmtree(old, ignore_errors=True)
