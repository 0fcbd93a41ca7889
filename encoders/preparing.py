"""Photos as a checkpoint of transformers wants them: what its own processor does, from a decoded photo to numbers.

The work is divided: threads resize and crop to bytes, which are few, and the device makes numbers of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from encoders.framing import cut_ends

Pixels = NDArray[np.uint8]
"""A prepared photo: (h, w, 3)."""

_FULL: Final = 255


@dataclass(frozen=True, slots=True)
class Preparation:
    """How photos are prepared.

    Args:
        size: height and width after resizing; one number is the shorter side.
        crop: height and width of the middle that is looked at; None for all of it.
        resample: one of Pillow's ways.
        mean: taken off each of red, green and blue, in [0, 1].
        std: what each is then divided by.
    """

    size: tuple[int, int] | int
    crop: tuple[int, int] | None
    resample: Image.Resampling
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the model looks at it. Safe in any thread."""
        if isinstance(self.size, int):
            image = cut_ends(image)
            short = min(image.size)
            width, height = (max(1, int(self.size * side / short)) for side in image.size)
        else:
            height, width = self.size
        resized = image.resize((width, height), self.resample)
        return np.asarray(resized if self.crop is None else _middle(resized, *self.crop))

    def numbers(self, pixels: Sequence[Pixels], device: torch.device) -> torch.Tensor:
        """Prepared photos as the model is given them: (n, 3, h, w)."""
        images = torch.from_numpy(np.stack(pixels)).to(device).permute(0, 3, 1, 2).float() / _FULL
        mean, std = (torch.tensor(values, device=device).view(3, 1, 1) for values in (self.mean, self.std))
        return (images - mean) / std


def preparation_of(processor: Any) -> Preparation:
    """How an image processor of transformers prepares photos.

    Raises:
        ValueError: it does something that no `Preparation` does; says what.
    """
    if getattr(processor, "do_pad", None):
        raise ValueError("an image processor that pads photos")
    if not (processor.do_resize and processor.do_rescale and isclose(processor.rescale_factor * _FULL, 1)):
        raise ValueError("an image processor that leaves photos at any size, or values above 1")
    crop = _both_sides(processor.crop_size) if processor.do_center_crop else None
    normalised = bool(processor.do_normalize)
    return Preparation(
        int(processor.size.shortest_edge) if crop and processor.size.shortest_edge else _both_sides(processor.size),
        crop,
        Image.Resampling(int(processor.resample)),
        tuple(map(float, processor.image_mean)) if normalised else (0.0,) * 3,
        tuple(map(float, processor.image_std)) if normalised else (1.0,) * 3,
    )


def _both_sides(size: Any) -> tuple[int, int]:
    if not (size.height and size.width):
        raise ValueError(f"an image processor of photos of any shape ({size})")
    return int(size.height), int(size.width)


def _middle(image: Image.Image, height: int, width: int) -> Image.Image:
    """Where the picture is smaller, black around it."""
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
