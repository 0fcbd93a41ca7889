"""Photos of listings as the page shows them: fetched, decoded and made small here, never as their sellers sent them."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections import OrderedDict
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final

from encoders.errors import ImageError
from encoders.photos import decode_image
from streams.errors import ImageFetchError
from streams.images import ImageFetcher, ImageSource
from streams.settings import Settings

FAILS_FOR_S: Final = 300.0
"""What can't be had is not asked for again so soon."""
KEPT_FOR_S: Final = 86_400.0
"""Then a photo is fetched again: its seller may have replaced it under the same address."""
_AT_ONCE: Final = 4
_WAITING: Final = 200
"""Photos that may wait for their turn; others are left out of their pages meanwhile."""
_PER_FOLDER: Final = 200
"""Files in each of 256 folders: a gigabyte in all, about."""
_FAILURES_KEPT: Final = 10_000
_QUALITY: Final = 80

_log = logging.getLogger(__name__)


class Size(StrEnum):
    """How large a photo is shown."""

    SMALL = "small"
    LARGE = "large"

    @property
    def pixels(self) -> int:
        """Of its longer side."""
        return {Size.SMALL: 320, Size.LARGE: 1_000}[self]


class Photos:
    """Makes and keeps them; used in one event loop, and closed at the end.

    Args:
        settings: the `image_...` ones are used, and the folder beside `web_path`.
        images: where they come from.
    """

    def __init__(self, settings: Settings, images: ImageSource | None = None) -> None:
        # somebody is looking at the page: later tries are the next visitor's
        self._own = ImageFetcher(settings.model_copy(update={"image_retries": 0}))
        self._images = images or self._own
        self._settings = settings
        self._folder = settings.web_path.parent / f"{settings.web_path.stem}-photos"
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[str, asyncio.Task[bool]] = {}
        self._failed: OrderedDict[str, float] = OrderedDict()

    async def photo(self, reference: str, size: Size) -> bytes | None:
        """A JPEG of the photo that a listing refers to; None while it can't be had."""
        digest = hashlib.blake2b(reference.strip().encode(), digest_size=16).hexdigest()
        fresh, known = await asyncio.to_thread(self._read, digest, size)
        failed = self._failed.get(digest, 0.0) > time.monotonic()
        crowded = digest not in self._making and len(self._making) >= _WAITING
        if fresh or failed or crowded or not await asyncio.shield(self._task(digest, reference)):
            return known  # an old one, where its host does not answer
        return (await asyncio.to_thread(self._read, digest, size))[1]

    async def close(self) -> None:
        """Make no more, and close the connections."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._own.close()

    def _task(self, digest: str, reference: str) -> asyncio.Task[bool]:
        """One for all who wait for the same photo; it goes on when they leave."""
        if digest not in self._making:
            task = asyncio.ensure_future(self._make(digest, reference))
            self._making[digest] = task
            task.add_done_callback(lambda _: self._making.pop(digest, None))
        return self._making[digest]

    async def _make(self, digest: str, reference: str) -> bool:
        async with self._turns:
            try:
                data = await self._images.fetch(reference)
                await asyncio.to_thread(self._write, digest, data)
            except (ImageFetchError, ImageError, OSError) as error:
                _log.info("web: no photo: %s", error)
                self._note_failure(digest)
                return False
        return True

    def _note_failure(self, digest: str) -> None:
        self._failed[digest] = time.monotonic() + FAILS_FOR_S
        self._failed.move_to_end(digest)
        if len(self._failed) > _FAILURES_KEPT:
            self._failed.popitem(last=False)

    def _path(self, digest: str, size: Size) -> Path:
        return self._folder / digest[:2] / f"{digest[2:]}-{size}.jpg"

    def _read(self, digest: str, size: Size) -> tuple[bool, bytes | None]:
        """Whether what is kept is new enough, and what it is."""
        path = self._path(digest, size)
        try:
            return time.time() - path.stat().st_mtime < KEPT_FOR_S, path.read_bytes()
        except OSError:
            return False, None

    def _write(self, digest: str, data: bytes) -> None:
        """All sizes of one photo: sellers are asked once.

        Raises:
            ImageError: it can't be decoded.
        """
        image = decode_image(data, self._settings.image_max_pixels)
        for size in sorted(Size, key=lambda one: -one.pixels):
            image.thumbnail((size.pixels, size.pixels))
            buffer = BytesIO()
            image.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
            _replace(self._path(digest, size), buffer.getvalue())
        _keep_newest(self._path(digest, Size.SMALL).parent)


def _replace(path: Path, data: bytes) -> None:
    """Written whole or not at all: others read at the same time."""
    path.parent.parent.mkdir(0o700, parents=True, exist_ok=True)
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def _keep_newest(folder: Path) -> None:
    files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(folder) if entry.is_file()]
    for _, path in sorted(files, reverse=True)[_PER_FOLDER:]:
        Path(path).unlink(missing_ok=True)


__all__ = ["Photos", "Size"]
