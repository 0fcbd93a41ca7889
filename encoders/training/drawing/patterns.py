"""What is printed on the main surface of a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_PATTERN_STREAM = 1
_PLAIN = 0.5


def pattern(shape: int, body: tuple[int, int, int], accent: tuple[int, int, int], size: int) -> Image.Image:
    """The surface, `size` pixels square, RGB; `shape` decides the pattern, half of all are plain."""
    rng = np.random.default_rng([shape, _PATTERN_STREAM])
    if rng.random() < _PLAIN:
        return Image.new("RGB", (size, size), body)
    strength = _strength(rng, size) * rng.uniform(0.55, 1.0)
    mask = Image.fromarray((strength * 255).astype(np.uint8))
    surface = Image.new("RGB", (size, size), body)
    surface.paste(accent, mask=mask)
    return surface


def _strength(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """How much of the accent shows at each pixel, (size, size) in [0, 1]."""
    y, x = np.mgrid[0:size, 0:size] / size
    kind = rng.choice(["stripes", "bands", "dots", "check", "fade", "halves", "waves"])
    period, share = rng.uniform(0.07, 0.2), rng.uniform(0.3, 0.6)
    if kind in {"stripes", "bands", "waves"}:
        line = {"stripes": x + y * rng.choice([0, 0, 1]), "bands": y, "waves": y + 0.02 * np.sin(x * 2 * np.pi / period)}[kind]
        return (line / period % 1 < share).astype(np.float64)
    if kind == "dots":
        centred = np.stack([(x + (y // period % 2) * period / 2) / period % 1, y / period % 1]) - 0.5
        return (np.hypot(*centred) < share / 1.6).astype(np.float64)
    if kind == "check":
        return ((x / period % 1 < share).astype(np.float64) + (y / period % 1 < share)) / 2
    if kind == "fade":
        return np.clip((y - 0.25) * 1.8, 0, 1)
    return (x * rng.uniform(-1, 1) + y > rng.uniform(0.45, 0.65)).astype(np.float64)
