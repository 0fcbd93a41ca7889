"""Photos on their way to the towers: each file is decoded once, whoever looks at it, and what fails is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoders.errors import ImageError
from encoders.photos import decode_image
from encoders.preparing import Pixels
from encoders.types import Row


class Looker(Protocol):
    """Who looks at photos."""

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as it is looked at: (h, w, 3) uint8. Safe in any thread."""


class Tower(Looker, Protocol):
    """What makes rows of prepared photos."""

    def encode(self, pixels: Sequence[Pixels]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One photo, prepared for each looker of its content, in their order."""

    pixels: tuple[Pixels, ...]


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos of a batch.

    Args:
        looked: position of the content to its photos that could be decoded, in their order.
        reasons: position to why a photo could not be.
    """

    looked: Mapping[int, Sequence[Looked]]
    reasons: Mapping[int, str]

    def rows(self, place: int, tower: Tower) -> dict[int, Row]:
        """What the tower at that place among its content's lookers makes of each one's photos, pooled."""
        every = [(i, one.pixels[place]) for i, several in self.looked.items() for one in several]
        if not every:
            return {}
        rows = tower.encode([pixels for _, pixels in every])
        of: dict[int, list[NDArray[np.float32]]] = {}
        for (i, _), row in zip(every, rows, strict=True):
            of.setdefault(i, []).append(row)
        return {i: pooled(some) for i, some in of.items()}

    def first(self, place: int) -> dict[int, Pixels]:
        """The first photo of each content that has a looker at that place, as it sees it."""
        return {i: some[0].pixels[place] for i, some in self.looked.items() if len(some[0].pixels) > place}


class Decoding:
    """Photos that are being decoded in threads.

    Args:
        photos: files by the position of their content.
        lookers: who looks at them, by position; the photos of nobody are left as they are.
        pool: the threads.
        max_pixels: of a photo.
    """

    def __init__(
        self,
        photos: Mapping[int, Sequence[bytes]],
        lookers: Mapping[int, Sequence[Looker]],
        pool: ThreadPoolExecutor,
        max_pixels: int,
    ) -> None:
        self._begun: dict[int, list[Future[Looked]]] = {
            i: [pool.submit(_looked, data, lookers[i], max_pixels) for data in some]
            for i, some in photos.items()
            if lookers[i]
        }

    def wait(self) -> Photos:
        """All of them."""
        looked: dict[int, list[Looked]] = {}
        reasons: dict[int, str] = {}
        for i, some in self._begun.items():
            for one in some:
                try:
                    found = one.result()
                except ImageError as error:
                    reasons.setdefault(i, str(error))
                else:
                    looked.setdefault(i, []).append(found)
        return Photos(looked, reasons)


def _looked(data: bytes, lookers: Sequence[Looker], max_pixels: int) -> Looked:
    image = decode_image(data, max_pixels)
    return Looked(tuple(looker.prepared(image) for looker in lookers))


def pooled(rows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean of unit rows, of unit length; the first where they cancel each other out."""
    if len(rows) == 1:
        return rows[0]
    total = np.sum(rows, axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    if length == 0:
        return rows[0]
    return np.asarray(total / length, np.float32)
