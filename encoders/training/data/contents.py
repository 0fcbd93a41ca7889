"""From listings to what a tower looks at, augmented while training, as published while measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from encoders.bundle import ImageSpec
from encoders.errors import ImageError
from encoders.photos import decode_image, prepare
from encoders.training.data.examples import Example, unreadable_photo
from encoders.training.towers import ImageTower, TextTower

_DECODING_THREADS = 4

AugmentTitle = Callable[[str, int], str]
AugmentPhoto = Callable[[Image.Image, int], Tensor]
Inputs = Mapping[str, Tensor]


class Contents(Protocol):
    """One modality's way from listings to inputs of its tower."""

    def length(self, example: Example) -> int:
        """How long what the tower gets of a listing is, beside others."""

    def inputs(self, examples: Sequence[Example], seeds: Sequence[int] | None = None) -> Inputs:
        """One batch.

        Args:
            examples: listings that have content in this modality.
            seeds: each decides how its listing is augmented; None takes the contents as they are.
        """


class Titles:
    """Titles to tokens.

    Args:
        tower: whose tokenizer; it may be asked from several threads.
        augment: rewrites a title as another seller might; None never does.
    """

    def __init__(self, tower: TextTower, augment: AugmentTitle | None = None) -> None:
        self._tower, self._augment, self._lock = tower, augment, Lock()

    def length(self, example: Example) -> int:
        """Characters tell well enough how many tokens there will be."""
        return len(example.title)

    def inputs(self, examples: Sequence[Example], seeds: Sequence[int] | None = None) -> Inputs:
        """Tokens of the titles, padded to the longest."""
        titles = [one.title for one in examples]
        if seeds is not None and self._augment is not None:
            titles = [self._augment(title, seed) for title, seed in zip(titles, seeds, strict=True)]
        # A tokenizer's settings are changed by each call, so that two at once would meet
        with self._lock:
            return self._tower.prepare(titles)


class Photos:
    """Photos to pixels, decoded when they are needed: a catalogue's do not fit into memory.

    Args:
        tower: what they are for.
        spec: how they are prepared.
        augment: photographs one anew; None never does.
    """

    def __init__(self, tower: ImageTower, spec: ImageSpec, augment: AugmentPhoto | None = None) -> None:
        self._tower, self._spec, self._augment = tower, spec, augment
        self._pool = ThreadPoolExecutor(_DECODING_THREADS, thread_name_prefix="photos")

    def length(self, example: Example) -> int:  # noqa: ARG002 - of all alike
        """All are of one size."""
        return 1

    def inputs(self, examples: Sequence[Example], seeds: Sequence[int] | None = None) -> Inputs:
        """Pixels of the photos at the backbone's size."""
        each: Sequence[int | None] = [None] * len(examples) if seeds is None else seeds
        return self._tower.prepare(list(self._pool.map(self._pixels, examples, each)))

    def _pixels(self, example: Example, seed: int | None) -> Tensor:
        image = read_photo(example)
        if seed is None or self._augment is None:
            return torch.from_numpy(prepare(image, self._spec).copy()).permute(2, 0, 1)
        return self._augment(image, seed)


def read_photo(example: Example) -> Image.Image:
    """Decode a listing's photo.

    Raises:
        TrainingError: it can't be read any more; every photo could be before training began.
    """
    path = example.image or Path()
    try:
        return decode_image(path.read_bytes())
    except (OSError, ImageError) as error:
        raise unreadable_photo(example, error) from error
