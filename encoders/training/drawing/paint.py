"""Paints drawings: colours, patterns, light and shade, and the sign of the maker."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from encoders.training.dice import Dice
from encoders.training.drawing import bags, gadgets, home, kitchen, wear
from encoders.training.drawing.outlines import Drawing, Material, Part, Points, band, ellipse, moved, polygon
from encoders.training.drawing.patterns import pattern

Colour = tuple[int, int, int]

SIZE = 224
"""Side of a painted thing, in pixels."""

_FINE = 2 * SIZE
_MATERIALS: dict[Material, Colour] = {
    Material.DARK: (44, 44, 50),
    Material.LIGHT: (240, 238, 232),
    Material.METAL: (186, 190, 196),
    Material.GLASS: (96, 122, 144),
    Material.WOOD: (186, 140, 92),
}

DRAWINGS: dict[str, Callable[[Dice], Drawing]] = {
    "sneaker": wear.sneaker,
    "t-shirt": wear.t_shirt,
    "cap": wear.cap,
    "backpack": bags.backpack,
    "handbag": bags.handbag,
    "sunglasses": wear.sunglasses,
    "watch": wear.watch,
    "umbrella": bags.umbrella,
    "mug": kitchen.mug,
    "lamp": home.lamp,
    "kettle": kitchen.kettle,
    "chair": home.chair,
    "bottle": kitchen.bottle,
    "pan": kitchen.pan,
    "clock": home.clock,
    "cushion": home.cushion,
    "vase": home.vase,
    "headphones": gadgets.headphones,
    "phone": gadgets.phone,
    "usb stick": gadgets.usb_stick,
    "speaker": gadgets.speaker,
    "keyboard": gadgets.keyboard,
    "perfume": gadgets.perfume,
}


@dataclass(frozen=True, slots=True)
class Look:
    """All that can be seen of a product: two products of one look differ in words only.

    Args:
        category: a key of `DRAWINGS`.
        shape: seed of the shape and the pattern; one for all colours of a model.
        brand: whose sign it carries.
        body: colour of its main surface.
        accent: colour of its trimmings and of the pattern.
    """

    category: str
    shape: int
    brand: str
    body: Colour
    accent: Colour


def paint(look: Look) -> Image.Image:
    """The thing itself, cut out: RGBA, `SIZE` pixels square."""
    drawing = DRAWINGS[look.category](Dice(look.shape))
    canvas = Image.new("RGBA", (_FINE, _FINE))
    surface = pattern(look.shape, look.body, look.accent, _FINE)
    for part in drawing.parts:
        _paint_part(canvas, part, look, surface)
    _paint_sign(canvas, drawing, look)
    return canvas.reduce(2)


def _paint_part(canvas: Image.Image, part: Part, look: Look, surface: Image.Image) -> None:
    pixels = part.outline * _FINE
    left, top = (int(v) for v in np.clip(np.floor(pixels.min(0)), 0, _FINE - 2))
    right, bottom = (int(v) for v in np.clip(np.ceil(pixels.max(0)) + 1, (left + 1, top + 1), _FINE))
    size = (right - left, bottom - top)
    mask = Image.new("L", size)
    corners = [(x - left, y - top) for x, y in pixels.tolist()]
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    colour = _colour(part.material, look)
    fill = (
        surface.crop((left, top, right, bottom)) if part.material is Material.BODY else Image.new("RGB", size, colour)
    )
    shade, shine = _light(size, round_=part.round)
    fill.paste((18, 16, 28), mask=shade)
    fill.paste((255, 255, 255), mask=shine)
    ImageDraw.Draw(fill).line([*corners, corners[0]], fill=_darker(colour), width=3)
    canvas.paste(fill, (left, top), mask)


_SHADES = {
    True: (np.interp(np.linspace(0, 1, 64), [0, 0.25, 0.6, 1], [60, 0, 28, 120]), 34.0),
    False: (np.interp(np.linspace(0, 1, 64), [0, 0.5, 1], [8, 0, 26]), 16.0),
}
_SHINES = {
    True: np.interp(np.linspace(0, 1, 64), [0.08, 0.24, 0.42], [0, 74, 0]),
    False: np.interp(np.linspace(0, 1, 64), [0.0, 0.3, 0.8], [18, 8, 0]),
}


def _gradients(*, round_: bool) -> tuple[Image.Image, Image.Image]:
    across, down = _SHADES[round_]
    shade = across[None, :] + np.linspace(0, down, 64)[:, None]
    shine = np.broadcast_to(_SHINES[round_], (64, 64))
    return Image.fromarray(shade.astype(np.uint8)), Image.fromarray(shine.astype(np.uint8))


_LIGHT = {round_: _gradients(round_=round_) for round_ in (True, False)}


def _light(size: tuple[int, int], *, round_: bool) -> tuple[Image.Image, Image.Image]:
    shade, shine = _LIGHT[round_]
    return shade.resize(size, Image.Resampling.BILINEAR), shine.resize(size, Image.Resampling.BILINEAR)


def _colour(material: Material, look: Look) -> Colour:
    if material is Material.BODY:
        return look.body
    return look.accent if material is Material.ACCENT else _MATERIALS[material]


def _darker(colour: Colour) -> Colour:
    red, green, blue = (int(channel * 0.62) for channel in colour)
    return red, green, blue


def _paint_sign(canvas: Image.Image, drawing: Drawing, look: Look) -> None:
    x, y, size = drawing.sign
    under = canvas.getpixel((min(int(x * _FINE), _FINE - 1), min(int(y * _FINE), _FINE - 1)))
    brightness = sum(under[:3]) / 3 if isinstance(under, tuple) else 0.0
    ink = (250, 248, 240, 255) if brightness < 135 else (34, 32, 40, 255)  # noqa: PLR2004 - half of 255, a little up
    draw = ImageDraw.Draw(canvas)
    for outline in sign(look.brand):
        corners = ((outline - 0.5) * size + (x, y)) * _FINE
        draw.polygon([(px, py) for px, py in corners.tolist()], fill=ink)


def sign(brand: str) -> list[Points]:
    """The maker's sign: one to four polygons in the unit square that its name alone decides."""
    vary = Dice(zlib.crc32(brand.encode()))
    kind = vary.pick("petals", "bars", "ring", "peaks", "star", "drop")
    if kind == "petals":
        count = vary.count(3, 5)
        petal = ellipse(0.5, 0.24, vary(0.08, 0.14), 0.22)
        return [moved(petal, turn=2 * np.pi * n / count) for n in range(count)]
    if kind == "bars":
        lean = vary(-0.2, 0.2)
        return [
            band([(0.2 + 0.25 * n - lean, 0.1 + vary(0, 0.4)), (0.2 + 0.25 * n + lean, 0.9)], 0.15) for n in range(3)
        ]
    if kind == "ring":
        arc = ellipse(0.5, 0.5, 0.36)[: vary.count(24, 38)]
        return [moved(band(arc, 0.17), turn=vary(0, 6)), ellipse(0.5, 0.5, vary(0.05, 0.14))]
    if kind == "peaks":
        return [
            polygon([(0.0 + 0.3 * n, 0.85), (0.2 + 0.3 * n, vary(0.1, 0.5)), (0.4 + 0.3 * n, 0.85)])
            for n in range(vary.count(2, 3))
        ]
    if kind == "star":
        return [_star(vary.count(4, 8), vary(0.2, 0.34))]
    return [
        polygon([(0.5, 0.0), (0.85, 0.5), (0.5, 1.0), (0.15, 0.5)]),
        moved(band([(0.1, 0.5), (0.9, 0.5)], 0.12), turn=vary(0, 3)),
    ]


def _star(points: int, inner: float) -> Points:
    angles = np.arange(2 * points) * np.pi / points
    radii = np.where(np.arange(2 * points) % 2, inner, 0.5)
    return np.asarray(np.stack([0.5 + radii * np.sin(angles), 0.5 - radii * np.cos(angles)], 1))
