"""What models say of photos, kept on disk: a caption takes longer than all rows of its listing together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import orjson

from encoders.bundle import CaptionSpec
from encoders.types import Content
from streams.learning.cache import Key, key_of


class CaptionCache:
    """Captions by the digest of the photos they are of; one that is empty says that there is none.

    Files are written once and never changed, as those of `RowCache`.

    Args:
        folder: of this captioner alone; None keeps nothing.
        warn: told what can't be read or written; work goes on without.
    """

    def __init__(self, folder: Path | None, warn: Callable[[str], None]) -> None:
        self._folder, self._warn = folder, warn
        self._captions: dict[Key, str] = {}
        for file in sorted(folder.glob("*.json")) if folder else ():
            self._read(file)

    def get(self, key: Key) -> str | None:
        """The caption, if it is kept."""
        return self._captions.get(key)

    def add(self, captions: Mapping[Key, str]) -> None:
        """Keep more captions, on disk too."""
        self._captions.update(captions)
        if captions and self._folder:
            try:
                _write(self._folder, captions)
            except OSError as error:
                self._warn(f"captions are not kept in '{self._folder}': {error}; they will be made again")
                self._folder = None

    def _read(self, file: Path) -> None:
        try:
            self._captions.update(
                (bytes.fromhex(key), str(one)) for key, one in orjson.loads(file.read_bytes()).items()
            )
        except (OSError, ValueError, AttributeError) as error:
            self._warn(f"kept captions '{file}' can't be read ({error}); they are made again")


@dataclass(frozen=True, slots=True)
class Captions:
    """What is described by captions, and what is known of them.

    Args:
        spec: which titles have one beside them, and how much it counts.
        cache: captions from before.
    """

    spec: CaptionSpec
    cache: CaptionCache

    def wanted(self, content: Content) -> bool:
        """Whether a listing's photos are to be described."""
        return bool(content.photos) and self.spec.wanted(content.title or "")


def _write(folder: Path, captions: Mapping[Key, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = orjson.dumps({key.hex(): caption for key, caption in captions.items()}, option=orjson.OPT_SORT_KEYS)
    building = folder / f".{uuid4().hex}"
    try:
        building.write_bytes(data)
        building.rename(folder / f"{key_of(data).hex()}.json")
    finally:
        with suppress(FileNotFoundError):
            building.unlink()
