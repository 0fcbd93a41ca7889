"""Photographs a painted thing as different sellers would: backdrop, framing, light, marks, compression."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIDE = 200
"""Side of a photograph, in pixels."""

_BACKDROPS = [
    (255, 255, 255), (255, 255, 255), (246, 246, 246), (232, 234, 238), (238, 230, 218), (222, 232, 240), (226, 236, 224),
    (244, 222, 220), (250, 240, 214), (206, 210, 216), (188, 164, 138), (120, 126, 134),
]  # fmt: skip


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


def photograph(thing: Image.Image, style: CameraStyle, rng: np.random.Generator) -> bytes:
    """A JPEG file of `SIDE` x `SIDE` pixels showing the thing; `rng` decides what differs between two shots."""
    habits = np.random.default_rng(style.seed)
    backdrop = _backdrop(rng if style.own_backdrop else habits, style.care)
    mess = 1.0 - style.care
    placed = _placed(thing, rng, mess)
    _cast_shadow(backdrop, placed, rng)
    backdrop.paste(placed, mask=placed)
    if rng.random() < style.marks:
        _mark(backdrop, habits, rng)
    exposed = _expose(backdrop, rng, mess)
    file = io.BytesIO()
    exposed.save(file, "JPEG", quality=int(rng.integers(90 - 45 * mess, 94 - 20 * mess)), subsampling=2)
    return file.getvalue()


def _backdrop(rng: np.random.Generator, care: float) -> Image.Image:
    """A plain wall, a wall with a table before it, or a fading colour; less plain with less care."""
    choices = len(_BACKDROPS) if care < 0.8 else 6  # noqa: PLR2004 - careful sellers keep to the first, pale ones
    base = np.array(_BACKDROPS[int(rng.integers(choices))], dtype=np.float64)
    height = np.linspace(0, 1, SIDE)[:, None, None]
    fade = rng.uniform(0, 30 + 50 * (1 - care))
    rows = base - fade * height * rng.choice([-0.3, 1.0])
    if rng.random() < 0.55 * (1 - care) + 0.1:
        table = np.array(_BACKDROPS[int(rng.integers(len(_BACKDROPS)))]) * rng.uniform(0.7, 0.95)
        rows = np.where(height > rng.uniform(0.6, 0.8), table, rows)
    image = Image.fromarray(np.broadcast_to(np.clip(rows, 0, 255), (SIDE, SIDE, 3)).astype(np.uint8))
    if rng.random() > care:
        _clutter(image, rng)
    return image


def _clutter(image: Image.Image, rng: np.random.Generator) -> None:
    """Blurred things in the background."""
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 6))):
        x, y, width, height = rng.integers([-40, -40, 30, 30], [SIDE, SIDE // 2, 110, 110]).tolist()
        shape = draw.rectangle if rng.random() < 0.6 else draw.ellipse
        tone = np.clip(rng.uniform(110, 225) + rng.normal(0, 18, 3), 0, 255).astype(int).tolist()
        shape((x, y, x + width, y + height), fill=tuple(tone))
    image.paste(image.filter(ImageFilter.GaussianBlur(float(rng.uniform(3, 9)))))


def _placed(thing: Image.Image, rng: np.random.Generator, mess: float) -> Image.Image:
    """The thing turned, stretched, scaled and shifted into a transparent frame of the photograph's size."""
    turn = np.deg2rad(rng.normal(0, 1.5 + 6 * mess))
    scale = rng.uniform(0.84, 1.06) - rng.uniform(0, 0.22) * mess
    stretch = 1 + rng.normal(0, 0.01 + 0.04 * mess)
    mirror = -1 if rng.random() < 0.12 else 1
    cos, sin = np.cos(turn) / scale, np.sin(turn) / scale
    ratio = thing.width / SIDE
    matrix = np.array([[cos * stretch * mirror, sin + rng.normal(0, 0.04) * mess], [-sin, cos / stretch]]) * ratio
    shift = rng.normal(0, 2 + 8 * mess, 2) + SIDE / 2
    offset = np.array([thing.width, thing.height]) / 2 - matrix @ shift
    data = (*matrix[0].tolist(), float(offset[0]), *matrix[1].tolist(), float(offset[1]))
    return thing.transform((SIDE, SIDE), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def _cast_shadow(backdrop: Image.Image, placed: Image.Image, rng: np.random.Generator) -> None:
    small = placed.getchannel("A").reduce(4).filter(ImageFilter.GaussianBlur(float(rng.uniform(1.2, 3.0))))
    opacity = rng.uniform(0.15, 0.5)
    shadow = small.point([int(value * opacity) for value in range(256)]).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    dx, dy = rng.uniform(-7, 7), rng.uniform(2, 9)
    backdrop.paste((30, 28, 36), (round(dx), round(dy)), shadow)


def _mark(image: Image.Image, habits: np.random.Generator, rng: np.random.Generator) -> None:
    """The seller's watermark, badge or frame; no words, so that no font is needed."""
    colour = tuple(habits.integers(20, 240, 3).tolist())
    draw = ImageDraw.Draw(image, "RGBA")
    kind = habits.choice(["bars", "badge", "frame", "ribbon"])
    if kind == "bars":
        y = int(rng.integers(60, 150))
        for n, width in enumerate(habits.integers(6, 26, 6).tolist()):
            draw.rectangle((30 + 24 * n, y, 30 + 24 * n + width, y + 11), fill=(*colour, 96))
    elif kind == "badge":
        x, y = habits.choice([30, SIDE - 30], 2).tolist()
        draw.regular_polygon((x, y, 24), 12, fill=(*colour, 235))
        draw.rectangle((x - 13, y - 4, x + 13, y + 3), fill=(255, 255, 255, 230))
    elif kind == "frame":
        draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=(*colour, 255), width=int(habits.integers(3, 9)))
    else:
        draw.polygon([(0, 40), (40, 0), (74, 0), (0, 74)], fill=(*colour, 230))


def _expose(image: Image.Image, rng: np.random.Generator, mess: float) -> Image.Image:
    """Blur, white balance, uneven light and noise."""
    if rng.random() < 0.4 * mess:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.4, 1.1))))
    pixels = np.asarray(image, dtype=np.float32)
    gains = rng.normal(1.0, 0.02 + 0.05 * mess, 3) * rng.normal(1.0, 0.02 + 0.09 * mess)
    slope = rng.normal(0, 0.03 + 0.12 * mess, 2)
    ramp = np.linspace(-0.5, 0.5, SIDE)
    light = (1 + slope[0] * ramp[:, None] + slope[1] * ramp[None, :])[..., None] * gains
    lit = pixels * light.astype(np.float32) + _grain(rng, 1.0 + 6.0 * mess)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _grain(rng: np.random.Generator, sigma: float) -> NDArray[np.float32]:
    return (rng.standard_normal((SIDE, SIDE, 1), dtype=np.float32)) * np.float32(sigma)
