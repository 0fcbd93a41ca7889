"""Photographs a painted thing as different sellers would: backdrop, framing, light, marks, compression."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from encoders.training.dice import Dice

SIDE = 200
"""Side of a photograph, in pixels."""

_PALE = ((255, 255, 255), (255, 255, 255), (246, 246, 246), (232, 234, 238), (238, 230, 218), (222, 232, 240))
_DEEP = ((226, 236, 224), (244, 222, 220), (250, 240, 214), (206, 210, 216), (188, 164, 138), (120, 126, 134))
_CAREFUL = 0.8


@dataclass(frozen=True, slots=True)
class CameraStyle:
    """How one seller takes photographs.

    Args:
        seed: decides the backdrop, the frame and the watermark, which a seller keeps.
        care: 1 for a studio, 0 for a hand-held snapshot in the kitchen.
        own_backdrop: whether every photograph has a backdrop of its own.
        marks: share of photographs that carry a watermark or a badge.
    """

    seed: int
    care: float = 1.0
    own_backdrop: bool = False
    marks: float = 0.0


def photograph(thing: Image.Image, style: CameraStyle, dice: Dice) -> bytes:
    """A JPEG file of `SIDE` x `SIDE` pixels showing the thing; `dice` decide what differs between two shots."""
    habits = Dice(style.seed)
    mess = 1.0 - style.care
    image = _backdrop(dice if style.own_backdrop else habits, style.care)
    placed = _placed(thing, dice, mess)
    _cast_shadow(image, placed, dice)
    image.paste(placed, mask=placed)
    if dice.chance(style.marks):
        _mark(image, habits, dice)
    file = io.BytesIO()
    _expose(image, dice, mess).save(file, "JPEG", quality=round(dice(90 - 45 * mess, 94 - 20 * mess)), subsampling=2)
    return file.getvalue()


def _backdrop(dice: Dice, care: float) -> Image.Image:
    """A plain wall, a wall with a table before it, or a fading colour; less plain with less care."""
    base = np.array(dice.one_of(_PALE if care > _CAREFUL else _PALE + _DEEP), dtype=np.float64)
    height = np.linspace(0, 1, SIDE)[:, None, None]
    rows = base - dice(0, 30 + 50 * (1 - care)) * height * dice.pick(-0.3, 1.0)
    if dice.chance(0.55 * (1 - care) + 0.1):
        table = np.array(dice.one_of(_PALE + _DEEP)) * dice(0.7, 0.95)
        rows = np.where(height > dice(0.6, 0.8), table, rows)
    image = Image.fromarray(np.broadcast_to(np.clip(rows, 0, 255), (SIDE, SIDE, 3)).astype(np.uint8))
    return image if dice.chance(care) else _cluttered(image, dice)


def _cluttered(image: Image.Image, dice: Dice) -> Image.Image:
    """Things in the background, out of focus."""
    draw = ImageDraw.Draw(image)
    for _ in range(dice.count(2, 5)):
        x, y, tone = dice(-40, SIDE), dice(-40, SIDE / 2), dice(110, 225)
        red, green, blue = (round(np.clip(tone + dice.normal(0, 18), 0, 255)) for _ in range(3))
        shape = draw.rectangle if dice.chance(0.6) else draw.ellipse
        shape((x, y, x + dice(30, 110), y + dice(30, 110)), fill=(red, green, blue))
    return image.filter(ImageFilter.GaussianBlur(dice(3, 9)))


def _placed(thing: Image.Image, dice: Dice, mess: float) -> Image.Image:
    """The thing turned, stretched, scaled and shifted into a transparent frame of the photograph's size."""
    turn = np.deg2rad(dice.normal(0, 1.5 + 6 * mess))
    scale = dice(0.84, 1.06) - dice(0, 0.22) * mess
    stretch = 1 + dice.normal(0, 0.01 + 0.04 * mess)
    mirror = -1 if dice.chance(0.12) else 1
    cos, sin = np.cos(turn) / scale, np.sin(turn) / scale
    matrix = np.array([[cos * stretch * mirror, sin + dice.normal(0, 0.04) * mess], [-sin, cos / stretch]])
    matrix *= thing.width / SIDE
    middle = SIDE / 2 + np.array([dice.normal(0, 2 + 8 * mess), dice.normal(0, 2 + 8 * mess)])
    offset = thing.width / 2 - matrix @ middle
    rows = np.column_stack([matrix, offset]).ravel().tolist()
    return thing.transform((SIDE, SIDE), Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR)


def _cast_shadow(image: Image.Image, placed: Image.Image, dice: Dice) -> None:
    blurred = placed.getchannel("A").reduce(4).filter(ImageFilter.GaussianBlur(dice(1.2, 3.0)))
    opacity = dice(0.15, 0.5)
    shadow = blurred.point([round(value * opacity) for value in range(256)])
    shadow = shadow.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    image.paste((30, 28, 36), (round(dice(-7, 7)), round(dice(2, 9))), shadow)


def _mark(image: Image.Image, habits: Dice, dice: Dice) -> None:
    """The seller's watermark, badge, frame or ribbon; no words, so that no font is needed."""
    ink = (habits.count(20, 240), habits.count(20, 240), habits.count(20, 240))
    draw = ImageDraw.Draw(image, "RGBA")
    match habits.pick("bars", "badge", "frame", "ribbon"):
        case "bars":
            y = dice.count(60, 150)
            for x in range(30, 170, 24):
                draw.rectangle((x, y, x + habits.count(6, 22), y + 11), fill=(*ink, 96))
        case "badge":
            x, y = habits.pick(30, SIDE - 30), habits.pick(30, SIDE - 30)
            draw.regular_polygon((x, y, 24), 12, fill=(*ink, 235))
            draw.rectangle((x - 13, y - 4, x + 13, y + 3), fill=(255, 255, 255, 230))
        case "frame":
            draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=(*ink, 255), width=habits.count(3, 8))
        case _:
            draw.polygon([(0, 40), (40, 0), (74, 0), (0, 74)], fill=(*ink, 230))


def _expose(image: Image.Image, dice: Dice, mess: float) -> Image.Image:
    """Blur, white balance, uneven light and noise."""
    if dice.chance(0.4 * mess):
        image = image.filter(ImageFilter.GaussianBlur(dice(0.4, 1.1)))
    balance = [dice.normal(1.0, 0.02 + 0.05 * mess) for _ in range(3)]
    across, down = (dice.normal(0, 0.03 + 0.12 * mess) for _ in range(2))
    ramp = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    light = (1 + down * ramp[:, None] + across * ramp[None, :]) * dice.normal(1.0, 0.02 + 0.09 * mess)
    lit = np.asarray(image, dtype=np.float32) * light[..., None] * np.array(balance, dtype=np.float32)
    grained = lit + dice.noise(SIDE, SIDE, 1) * np.float32(1 + 6 * mess)
    return Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8))
