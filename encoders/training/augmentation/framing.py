"""Where the camera stood: another part, another angle, mirrored, or with a border around."""

from __future__ import annotations

from math import cos, pi, sin

from PIL import Image
from torchvision.transforms.v2 import functional

from encoders.bundle import ImageSpec
from encoders.training.dice import Dice

_NEARER = 0.3
"""Share of what evaluation sees of the shorter side that a crop may leave out."""
_STRETCH = 0.25
_TURN_RADIANS = pi / 15
_LEAN = 0.1
_FRAME = (0.01, 0.07)
_BARS = (0.03, 0.1)
_PLAIN = ([255, 255, 255], [238, 238, 238], [0, 0, 0])
_GAP = 3.0
_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def cropped(image: Image.Image, spec: ImageSpec, strength: float, dice: Dice) -> Image.Image:
    """A part of the photo near its middle, a little stretched, as a square of `spec.crop` pixels.

    Photos much longer than wide are looked at near the middle, too: evaluation sees nothing of their ends.
    """
    usual = min(1.0, spec.crop / spec.resize)
    zoom = min(image.size) * dice(usual * (1 - strength * _NEARER), usual + strength * (1 - usual))
    stretch = 1 + strength * dice(0, _STRETCH)
    across, down = dice.pick((1.0, stretch), (stretch, 1.0))
    left, right = _span(image.width, min(zoom * across, image.width), strength, dice)
    top, bottom = _span(image.height, min(zoom * down, image.height), strength, dice)
    resampling = Image.Resampling[spec.interpolation.upper()]
    return image.resize((spec.crop, spec.crop), resampling, box=(left, top, right, bottom), reducing_gap=_GAP)


def _span(side: int, length: float, strength: float, dice: Dice) -> tuple[float, float]:
    """Where a part of a side begins and ends, no farther from the middle than its own half."""
    slack = side - length
    start = slack / 2 + strength * dice(-0.5, 0.5) * min(slack, length)
    start = min(max(start, 0.0), slack)
    return start, min(start + length, side)


def tilted(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """The picture from a camera held askew; near enough that nothing beyond the picture's edges is seen."""
    angle = strength * dice(-_TURN_RADIANS, _TURN_RADIANS)
    middle = image.width / 2
    half = middle / (cos(angle) + abs(sin(angle)))
    seen = []
    for x, y in _CORNERS:
        x_half, y_half = (half * sign * (1 - strength * dice(0, _LEAN)) for sign in (x, y))
        seen.append(
            [middle + x_half * cos(angle) - y_half * sin(angle), middle + x_half * sin(angle) + y_half * cos(angle)]
        )
    corners = [[middle + middle * x, middle + middle * y] for x, y in _CORNERS]
    turned: Image.Image = functional.perspective(image, seen, corners)
    return turned


def mirrored(image: Image.Image, _strength: float, _dice: Dice) -> Image.Image:
    """Left is right."""
    flipped: Image.Image = functional.horizontal_flip(image)
    return flipped


def bordered(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """The picture in a frame of one colour, or between two bars."""
    border = dice.pick(_framed, _barred)
    return border(image, strength, dice)


def _framed(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    width = max(1, round(image.width * strength * dice(*_FRAME)))
    fill = dice.one_of([*_PLAIN, [dice.count(0, 255) for _ in range(3)]])
    inner = functional.resize(image, [image.width - 2 * width] * 2)
    framed: Image.Image = functional.pad(inner, [width], fill=fill)
    return framed


def _barred(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    side = image.width
    width = max(1, round(side * strength * dice(*_BARS)))
    size, padding = dice.pick(([side, side - 2 * width], [width, 0]), ([side - 2 * width, side], [0, width]))
    barred: Image.Image = functional.pad(functional.center_crop(image, size), padding, fill=dice.one_of(_PLAIN))
    return barred
