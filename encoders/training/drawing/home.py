"""Drawings of what stands, lies and hangs in a room."""

from __future__ import annotations

import math

import numpy as np

from encoders.training.dice import Dice
from encoders.training.drawing.dial import dial
from encoders.training.drawing.outlines import Drawing, Material, Part, band, box, curve, ellipse, smooth, turned

BODY, ACCENT, DARK, LIGHT, METAL, WOOD = (
    Material.BODY,
    Material.ACCENT,
    Material.DARK,
    Material.LIGHT,
    Material.METAL,
    Material.WOOD,
)


def lamp(vary: Dice) -> Drawing:
    """A table lamp."""
    top, bottom, drop, foot = vary(0.08, 0.2), vary(0.22, 0.34), vary(0.24, 0.36), vary(0.12, 0.2)
    shade_top = 0.10
    rim = shade_top + drop
    design = vary.pick("rod", "belly", "tripod")
    if design == "rod":
        stem = [Part(box(0.485, rim - 0.02, 0.515, 0.88), METAL)]
    elif design == "belly":
        belly = vary(0.08, 0.16)
        stem = [Part(turned([(0.03, rim - 0.02), (0.04, rim + 0.06), (belly, 0.7), (0.06, 0.88)]), ACCENT)]
    else:
        stem = [Part(band([(0.5, rim - 0.03), (0.5 + s * foot * 1.2, 0.92)], 0.028), WOOD) for s in (-1, 0, 1)]
    if design != "tripod":
        stem.append(Part(turned([(foot * 0.7, 0.87), (foot, 0.90), (foot, 0.93)]), vary.pick(METAL, ACCENT, WOOD)))
    shade = turned([(top, shade_top), ((top + bottom) / 2 + vary(-0.03, 0.05), shade_top + drop / 2), (bottom, rim)])
    parts = [*stem, Part(shade), Part(box(0.5 - bottom, rim - 0.02, 0.5 + bottom, rim), ACCENT)]
    return Drawing(parts, (0.5, rim - drop * 0.4, 0.09))


def chair(vary: Dice) -> Drawing:
    """A chair, nearly from the front."""
    half, seat, back = vary(0.18, 0.25), vary(0.52, 0.60), vary(0.08, 0.16)
    frame = vary.pick(WOOD, METAL, DARK)
    splay, thick = vary(0.0, 0.07), vary(0.022, 0.04)
    if vary.chance(0.3):
        legs = [Part(band([(0.5, seat), (0.5, 0.84)], 0.05), METAL)]
        legs += [Part(band([(0.5, 0.83), (0.5 + dx, 0.92)], 0.035), DARK) for dx in (-0.2, -0.08, 0.08, 0.2)]
    else:
        feet = [(side * k, end) for side in (-half, half) for k, end in ((0.75, 0.86), (1.0, 0.94))]
        legs = [Part(band([(0.5 + x, seat), (0.5 + x + math.copysign(splay, x), y)], thick), frame) for x, y in feet]
    posts = [
        Part(band([(0.5 + s * half * 0.85, back + 0.03), (0.5 + s * half * 0.9, seat)], thick), frame) for s in (-1, 1)
    ]
    cushion = Part(
        smooth(
            [
                (0.5 - half, seat - 0.04),
                (0.5 + half, seat - 0.04),
                (0.5 + half + 0.04, seat + 0.05),
                (0.5 - half - 0.04, seat + 0.05),
            ]
        )
    )
    return Drawing([*legs, *posts, *_backrest(half, seat, back, vary), cushion], (0.5, back + 0.1, 0.08))


def _backrest(half: float, seat: float, back: float, vary: Dice) -> list[Part]:
    design = vary.pick("slats", "bars", "shell")
    if design == "slats":
        count = vary.count(2, 4)
        return [Part(box(0.5 - half, y, 0.5 + half, y + 0.05, 0.02)) for y in np.linspace(back, seat - 0.15, count)]
    if design == "bars":
        bars = [
            Part(band([(x, back + 0.05), (x, seat)], 0.022), ACCENT)
            for x in np.linspace(0.5 - half * 0.6, 0.5 + half * 0.6, vary.count(3, 5))
        ]
        return [*bars, Part(box(0.5 - half, back, 0.5 + half, back + 0.08, 0.04))]
    return [Part(box(0.5 - half, back, 0.5 + half, seat - vary(0.04, 0.14), vary(0.03, 0.2)))]


def clock(vary: Dice) -> Drawing:
    """A wall clock."""
    radius, rim = vary(0.30, 0.36), vary(0.02, 0.06)
    square = vary.chance(0.3)
    face = vary.pick(LIGHT, BODY, DARK, WOOD)
    frame = BODY if face is not BODY else vary.pick(METAL, WOOD)
    edge = radius + rim
    outer = box(0.5 - edge, 0.5 - edge, 0.5 + edge, 0.5 + edge, 0.08) if square else ellipse(0.5, 0.5, edge)
    return Drawing(
        [Part(outer, frame), Part(ellipse(0.5, 0.5, radius), face, round=False), *dial(radius, vary)], (0.5, 0.66, 0.1)
    )


def cushion(vary: Dice) -> Drawing:
    """A cushion with a button, piping or tassels."""
    half_x, half_y, puff = vary(0.28, 0.38), vary(0.22, 0.38), vary(0.01, 0.06)
    left, right, top, bottom = 0.5 - half_x, 0.5 + half_x, 0.5 - half_y, 0.5 + half_y
    upper = [(left, top), (0.5, top + puff), (right, top), (right - puff, 0.5)]
    lower = [(right, bottom), (0.5, bottom - puff), (left, bottom), (left + puff, 0.5)]
    outline = curve([*upper, *lower, (left, top)])
    parts = [Part(outline)]
    design = vary.pick("piping", "button", "tassels", "plain")
    if design == "piping":
        parts.append(Part(band(outline, 0.022), ACCENT))
    elif design == "button":
        parts.append(Part(ellipse(0.5, 0.5, 0.035), ACCENT))
    elif design == "tassels":
        parts += [Part(ellipse(x, y, 0.045), ACCENT) for x in (left, right) for y in (top, bottom)]
    return Drawing(parts, (0.5, 0.5, vary(0.16, 0.3)))


def vase(vary: Dice) -> Drawing:
    """A vase, now and then with a twig."""
    lip, neck, belly, foot = vary(0.07, 0.16), vary(0.05, 0.11), vary(0.15, 0.28), vary(0.08, 0.17)
    middle, top = vary(0.50, 0.72), vary(0.16, 0.36)
    parts: list[Part] = []
    if vary.chance(0.4):
        twigs = [
            curve([(0.5, top + 0.1), (0.5 + lean / 2, top - 0.1), (0.5 + lean, 0.05)]) for lean in (-0.16, 0.02, 0.17)
        ]
        parts += [Part(band(twig, 0.014), WOOD) for twig in twigs]
        parts += [Part(ellipse(x, y, 0.026, 0.036), ACCENT) for twig in twigs for x, y in twig[8::4]]
    parts.append(Part(turned([(lip, top), (neck, top + 0.10), (belly, middle), (foot, 0.90), (foot, 0.92)])))
    parts.append(Part(ellipse(0.5, top, lip, 0.025), DARK))
    if vary.chance(0.4):
        parts.append(Part(box(0.5 - neck * 1.02, top + 0.08, 0.5 + neck * 1.02, top + 0.12), ACCENT))
    return Drawing(parts, (0.5, middle, vary(0.10, 0.2)))
