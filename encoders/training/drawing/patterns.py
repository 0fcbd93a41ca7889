"""What is printed on the main surface of a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoders.training.dice import Dice

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


def _strength(dice: Dice, size: int) -> NDArray[np.float64]:
    """How much of the accent shows at each pixel, (size, size) in [0, 1]."""
    y, x = np.mgrid[0:size, 0:size] / size
    period, share = dice(0.07, 0.2), dice(0.3, 0.6)
    match dice.pick("stripes", "diagonals", "bands", "waves", "dots", "check", "fade", "halves"):
        case "stripes":
            return _bars(x, period, share)
        case "diagonals":
            return _bars(x + y, period, share)
        case "bands":
            return _bars(y, period, share)
        case "waves":
            return _bars(y + 0.02 * np.sin(x * 2 * np.pi / period), period, share)
        case "dots":
            centred = np.stack([(x + (y // period % 2) * period / 2) / period % 1, y / period % 1]) - 0.5
            return (np.hypot(*centred) < share / 1.6).astype(np.float64)
        case "check":
            return (_bars(x, period, share) + _bars(y, period, share)) / 2
        case "fade":
            return np.clip((y - 0.25) * 1.8, 0, 1)
        case _:
            return (x * dice(-1, 1) + y > dice(0.45, 0.65)).astype(np.float64)


def _bars(along: NDArray[np.float64], period: float, share: float) -> NDArray[np.float64]:
    return (along / period % 1 < share).astype(np.float64)
