"""Writing a bundle: all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import orjson

from encoders.bundle.manifest import Manifest
from encoders.bundle.reading import FORMAT, MANIFEST, Bundle, new_digest, read_bundle
from encoders.errors import BundleError


def write_bundle(output: Path, manifest: Manifest, files: Mapping[str, bytes | Path]) -> Bundle:
    """Write a bundle and read it back. What was there stays as it is until the new one is whole.

    Args:
        output: the folder to make; a bundle that is there is replaced.
        manifest: what it is to say of itself; a `Bundle` is one, too.
        files: content by name, or where to copy it from.

    Raises:
        BundleError: `output` is something else than a bundle, or the parts don't fit together.
    """
    if output.exists() and not (output / MANIFEST).is_file() and (not output.is_dir() or any(output.iterdir())):
        raise BundleError(str(output), "something that is no bundle", "a bundle or nothing", "choose another folder")
    output.parent.mkdir(parents=True, exist_ok=True)
    building = output.with_name(f".{output.name}.{uuid4().hex}")
    try:
        _build(building, manifest, files)
        read_bundle(building)
        _exchange(building, output)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return read_bundle(output.resolve())


def _build(folder: Path, manifest: Manifest, files: Mapping[str, bytes | Path]) -> None:
    digests = {}
    for name, content in sorted(files.items()):
        data = content if isinstance(content, bytes) else content.read_bytes()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        digests[name] = new_digest(data).hexdigest()
    folder.mkdir(exist_ok=True)
    values = {part.name: getattr(manifest, part.name) for part in fields(Manifest)}
    values |= {"dimensions": {str(key): value for key, value in manifest.dimensions.items()}}
    values |= {"format": FORMAT, "files": digests}
    text = orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    (folder / MANIFEST).write_bytes(text)


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
