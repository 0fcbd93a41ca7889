"""What sellers and shops lay over a picture, and what gets in its way."""

from __future__ import annotations

from functools import cache
from math import exp, sqrt

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torchvision.transforms.v2 import functional

from encoders.training.augmentation.wording import table
from encoders.training.dice import Dice

_OPACITY = (0.3, 0.75)
_HIDDEN = (0.02, 0.16)
"""Share of the picture."""
_INKS = ((255, 255, 255), (255, 255, 255), (20, 20, 20), (200, 30, 40), (30, 60, 160))


def watermarked(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """A seller's name across the picture, all over it or in a corner, or a logo; the picture shows through."""
    mask = dice.pick(_across, _all_over, _in_a_corner, _logo)(image.width, dice)
    opacity = strength * dice(*_OPACITY)
    marked = image.copy()
    marked.paste(dice.one_of(_INKS), mask=mask.point([round(value * opacity) for value in range(256)]))
    return marked


def _across(side: int, dice: Dice) -> Image.Image:
    mask = Image.new("L", (side, side))
    text = _written(_seller(dice), side * dice(0.7, 1.0))
    _put(mask, text.rotate(dice(-40, 40), Image.Resampling.BILINEAR, expand=True), (0.5, dice(0.35, 0.65)))
    return mask


def _all_over(side: int, dice: Dice) -> Image.Image:
    mask = Image.new("L", (side, side))
    text = _written(_seller(dice), side * dice(0.3, 0.5))
    text = text.rotate(dice.pick(-30, 30), Image.Resampling.BILINEAR, expand=True)
    for row in range(4):
        for column in range(3):
            _put(mask, text, (0.45 * column + 0.2 * (row % 2), 0.3 * row + 0.05))
    return mask


def _in_a_corner(side: int, dice: Dice) -> Image.Image:
    mask = Image.new("L", (side, side))
    _put(mask, _written(_seller(dice), side * dice(0.3, 0.45)), (dice.pick(0.26, 0.74), dice.pick(0.07, 0.93)))
    return mask


def _logo(side: int, dice: Dice) -> Image.Image:
    """A badge with the seller's first letter and a stroke across the whole picture."""
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    thick, radius = max(1, side // 45), side * dice(0.12, 0.26)
    middle = side / 2
    reach = side if dice.chance(0.5) else radius
    draw.line((middle - reach, middle + reach, middle + reach, middle - reach), fill=160, width=thick)
    draw.regular_polygon((middle, middle, radius), dice.pick(3, 4, 6, 40), fill=0, outline=255, width=thick)
    _put(mask, _written(_seller(dice)[0], radius * 0.6), (0.5, 0.5))
    return mask


def _seller(dice: Dice) -> str:
    names = table("sellers")["watermarks"]
    name = f"{dice.one_of(names['first'])} {dice.one_of(names['second'])}"
    return name.upper() if dice.chance(0.4) else name


def _written(text: str, width: float) -> Image.Image:
    """A text of that many pixels' width, ink 255."""
    _, _, drawn, _ = _font(20).getbbox(text)
    font = _font(max(6, round(20 * width / drawn)))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    picture = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(picture).text((1 - left, 1 - top), text, fill=255, font=font)
    return picture


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _put(mask: Image.Image, mark: Image.Image, middle: tuple[float, float]) -> None:
    """Lay a mark over the mask, its middle there, as shares of the sides."""
    x, y = (round(mask.width * share - length / 2) for share, length in zip(middle, mark.size, strict=True))
    mask.paste(255, (x, y), mark)


def erased(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """A rectangle of one colour or of noise before the picture."""
    side, shape = image.width, exp(dice(-0.7, 0.7))
    edge = side * sqrt(strength * dice(*_HIDDEN))
    height, width = (max(1, min(side, round(length))) for length in (edge * shape, edge / shape))
    top, left = dice.count(0, side - height), dice.count(0, side - width)
    grain = (height, width) if dice.chance(0.5) else (1, 1)
    values = np.clip(127 + 64 * dice.noise(3, *grain), 0, 255).astype(np.uint8)
    covered: Image.Image = functional.erase(image, top, left, height, width, torch.from_numpy(values))
    return covered
