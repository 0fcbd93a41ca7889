"""What is printed on the main surface of a product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoders.training.dice import Dice

Strength = NDArray[np.float64]

_STREAM = 1
_PLAIN = 0.5


def pattern(shape: int, body: tuple[int, int, int], accent: tuple[int, int, int], size: int) -> Image.Image:
    """The surface, `size` pixels square, RGB; `shape` decides the pattern, half of all are plain."""
    dice = Dice(shape, _STREAM)
    surface = Image.new("RGB", (size, size), body)
    if not dice.chance(_PLAIN):
        strength = _strength(dice, size) * dice(0.55, 1.0)
        surface.paste(accent, mask=Image.fromarray((strength * 255).astype(np.uint8)))
    return surface


def _strength(dice: Dice, size: int) -> Strength:
    """How much of the accent shows at each pixel, (size, size) in [0, 1]."""
    y, x = np.mgrid[0:size, 0:size] / size
    period, share = dice(0.07, 0.2), dice(0.3, 0.6)
    return np.asarray(dice.one_of(_PATTERNS)(x, y, period, share), dtype=np.float64)


def _bars(along: Strength, period: float, share: float) -> Strength:
    return np.where(along / period % 1 < share, 1.0, 0.0)


def _waves(x: Strength, y: Strength, period: float, share: float) -> Strength:
    return _bars(y + 0.02 * np.sin(x * 2 * np.pi / period), period, share)


def _dots(x: Strength, y: Strength, period: float, share: float) -> Strength:
    shifted = x + (y // period % 2) * period / 2
    return np.where(np.hypot(shifted / period % 1 - 0.5, y / period % 1 - 0.5) < share / 1.6, 1.0, 0.0)


_PATTERNS: tuple[Callable[[Strength, Strength, float, float], Strength], ...] = (
    lambda x, _y, period, share: _bars(x, period, share),
    lambda x, y, period, share: _bars(x + y, period, share),
    lambda _x, y, period, share: _bars(y, period, share),
    lambda x, y, period, share: (_bars(x, period, share) + _bars(y, period, share)) / 2,
    lambda _x, y, _period, _share: np.clip((y - 0.25) * 1.8, 0.0, 1.0),
    lambda x, y, period, share: np.where((x - 0.5) * (share - 0.45) * 6 + y > period + 0.42, 1.0, 0.0),
    _waves,
    _dots,
)
"""Stripes, diagonals, bands, a check, a fade, two halves, waves and dots, over x and y."""
