"""Drawings of things for the home."""

from __future__ import annotations

import numpy as np

from encoders.training.drawing.outlines import (
    Drawing,
    Material,
    Part,
    Vary,
    band,
    box,
    curve,
    ellipse,
    polygon,
    smooth,
    turned,
)
from encoders.training.drawing.wear import dial

ACCENT, DARK, LIGHT, METAL, GLASS, WOOD = (
    Material.ACCENT, Material.DARK, Material.LIGHT, Material.METAL, Material.GLASS, Material.WOOD,
)  # fmt: skip


def mug(vary: Vary) -> Drawing:
    """A mug with its handle to the right."""
    top, waist, foot, height = vary(0.21, 0.28), vary(0.19, 0.29), vary(0.15, 0.27), vary(0.46, 0.64)
    upper, lower = 0.5 - height / 2, 0.5 + height / 2
    x, reach = 0.44, vary(0.12, 0.2)
    start, end = upper + height * vary(0.12, 0.25), upper + height * vary(0.65, 0.85)
    if vary.chance(0.7):
        loop = curve([(x + waist - 0.03, start), (x + top + reach, start + 0.02), (x + top + reach, end - 0.05), (x + waist - 0.04, end)])
    else:
        loop = polygon([(x + waist - 0.04, start), (x + top + reach, start), (x + top + reach, end), (x + waist - 0.04, end)])
    inner = vary.pick(LIGHT, ACCENT)
    parts = [Part(band(loop, vary(0.035, 0.06)), vary.pick(Material.BODY, inner))]
    parts.append(Part(turned([(top, upper), (waist, 0.5), (foot, lower - 0.03), (foot * 0.9, lower)], x)))
    parts += [Part(ellipse(x, upper, top, 0.045), inner), Part(ellipse(x, upper + 0.012, top * 0.86, 0.03), DARK)]
    if vary.chance(0.4):
        parts.append(Part(box(x - foot * 0.98, lower - 0.09, x + foot * 0.98, lower - 0.04), ACCENT))
    return Drawing(parts, (x, 0.54, vary(0.12, 0.22)))


def lamp(vary: Vary) -> Drawing:
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


def kettle(vary: Vary) -> Drawing:
    """An electric kettle with its spout to the left."""
    top, belly, foot, upper = vary(0.14, 0.2), vary(0.2, 0.28), vary(0.2, 0.27), vary(0.22, 0.30)
    x = 0.46
    reach, grip = vary(0.12, 0.2), vary(0.04, 0.06)
    handle = curve([(x + top * 0.7, upper + 0.03), (x + top + reach, upper), (x + belly + reach, 0.45), (x + belly * 0.97, vary(0.6, 0.74))])
    spout = smooth([(x - top - 0.02, upper + 0.03), (x - top - vary(0.07, 0.13), upper + 0.02), (x - belly + 0.03, upper + 0.2), (x - top, upper + 0.2)])
    body = turned([(top, upper), (belly * 0.94, 0.45), (belly, 0.62), (foot, 0.82)], x)
    parts = [Part(band(handle, grip), DARK), Part(spout, vary.pick(Material.BODY, METAL)), Part(body)]
    parts += [Part(turned([(foot + 0.01, 0.81), (foot + 0.03, 0.84), (foot + 0.03, 0.88)], x), DARK)]
    parts += [Part(turned([(0.03, upper - 0.07), (0.03, upper - 0.04), (top, upper)], x), vary.pick(DARK, METAL, ACCENT))]
    if vary.chance(0.5):
        parts.append(Part(box(x - belly * 0.98, 0.68, x + belly * 0.98, 0.73), ACCENT))
    if vary.chance(0.4):
        parts.append(Part(box(x + 0.06, 0.40, x + 0.10, 0.64, 0.02), GLASS))
    return Drawing(parts, (x - 0.04, 0.55, vary(0.10, 0.16)))


def chair(vary: Vary) -> Drawing:
    """A chair, nearly from the front."""
    half, seat, back = vary(0.18, 0.25), vary(0.52, 0.60), vary(0.08, 0.16)
    frame = vary.pick(WOOD, METAL, DARK)
    splay, thick = vary(0.0, 0.07), vary(0.022, 0.04)
    if vary.chance(0.3):
        legs = [Part(band([(0.5, seat), (0.5, 0.84)], 0.05), METAL)]
        legs += [Part(band([(0.5, 0.83), (0.5 + dx, 0.92)], 0.035), DARK) for dx in (-0.2, -0.08, 0.08, 0.2)]
    else:
        legs = [Part(band([(0.5 + s * half * k, seat), (0.5 + s * (half * k + splay), end)], thick), frame)
                for s in (-1, 1) for k, end in ((0.75, 0.86), (1.0, 0.94))]  # fmt: skip
    posts = [Part(band([(0.5 + s * half * 0.85, back + 0.03), (0.5 + s * half * 0.9, seat)], thick), frame) for s in (-1, 1)]
    cushion = Part(smooth([(0.5 - half, seat - 0.04), (0.5 + half, seat - 0.04), (0.5 + half + 0.04, seat + 0.05), (0.5 - half - 0.04, seat + 0.05)]))
    return Drawing([*legs, *posts, *_backrest(half, seat, back, vary), cushion], (0.5, back + 0.1, 0.08))


def _backrest(half: float, seat: float, back: float, vary: Vary) -> list[Part]:
    design = vary.pick("slats", "bars", "shell")
    if design == "slats":
        count = vary.count(2, 4)
        return [Part(box(0.5 - half, y, 0.5 + half, y + 0.05, 0.02)) for y in np.linspace(back, seat - 0.15, count)]
    if design == "bars":
        bars = [Part(band([(x, back + 0.05), (x, seat)], 0.022), ACCENT) for x in np.linspace(0.5 - half * 0.6, 0.5 + half * 0.6, vary.count(3, 5))]
        return [*bars, Part(box(0.5 - half, back, 0.5 + half, back + 0.08, 0.04))]
    return [Part(box(0.5 - half, back, 0.5 + half, seat - vary(0.04, 0.14), vary(0.03, 0.2)))]


def bottle(vary: Vary) -> Drawing:
    """A drinking bottle."""
    half, neck, shoulder, lid = vary(0.11, 0.19), vary(0.06, 0.11), vary(0.26, 0.36), vary(0.06, 0.12)
    waist = half * vary(0.82, 1.05)
    body = turned([(neck, 0.20), (neck + 0.01, 0.23), (half, shoulder), (waist, 0.6), (half, 0.88), (half * 0.9, 0.93)])
    parts = [Part(body)]
    top = vary.pick(ACCENT, DARK, METAL, WOOD)
    parts.append(Part(box(0.5 - neck - 0.02, 0.20 - lid, 0.5 + neck + 0.02, 0.22, 0.02), top))
    design = vary.pick("loop", "nozzle", "plain")
    if design == "loop":
        parts.insert(0, Part(band(curve([(0.44, 0.14), (0.44, 0.04), (0.56, 0.04), (0.56, 0.14)]), 0.022), top))
    elif design == "nozzle":
        parts.append(Part(box(0.5 - neck * 0.5, 0.12 - lid, 0.5 + neck * 0.5, 0.21 - lid, 0.02), LIGHT))
    if vary.chance(0.5):
        low = vary(0.66, 0.8)
        parts.append(Part(box(0.5 - half, low, 0.5 + half, low + vary(0.04, 0.12)), ACCENT))
    return Drawing(parts, (0.5, 0.52, vary(0.10, 0.18)))


def pan(vary: Vary) -> Drawing:
    """A frying pan from above, its handle to the lower right."""
    radius, wall = vary(0.24, 0.31), vary(0.025, 0.05)
    x = y = 0.40
    length, width = vary(0.80, 0.95), vary(0.05, 0.085)
    parts = [Part(band([(x + 0.15, y + 0.15), (length, length)], width), vary.pick(DARK, WOOD, ACCENT))]
    parts.append(Part(ellipse(length - 0.03, length - 0.03, width * 0.25), LIGHT))
    parts += [Part(ellipse(x, y, radius)), Part(ellipse(x, y, radius - wall), vary.pick(DARK, METAL, LIGHT))]
    parts += [Part(ellipse(x, y, (radius - wall) * 0.8 * n / 4), (ACCENT, DARK)[n % 2], round=False) for n in range(vary.count(0, 3), 0, -1)]
    if vary.chance(0.4):
        parts.append(Part(polygon([(x - radius - 0.05, y + 0.03), (x - radius + 0.01, y - 0.06), (x - radius + 0.01, y + 0.08)])))
    return Drawing(parts, (x, y, radius * 0.5))


def clock(vary: Vary) -> Drawing:
    """A wall clock."""
    radius, rim = vary(0.30, 0.36), vary(0.02, 0.06)
    square = vary.chance(0.3)
    face = vary.pick(LIGHT, Material.BODY, DARK, WOOD)
    frame = Material.BODY if face is not Material.BODY else vary.pick(METAL, WOOD)
    edge = radius + rim
    outer = box(0.5 - edge, 0.5 - edge, 0.5 + edge, 0.5 + edge, 0.08) if square else ellipse(0.5, 0.5, edge)
    return Drawing([Part(outer, frame), Part(ellipse(0.5, 0.5, radius), face, round=False), *dial(radius, vary)], (0.5, 0.66, 0.1))


def cushion(vary: Vary) -> Drawing:
    """A cushion with a button, piping or tassels."""
    half_x, half_y, puff = vary(0.28, 0.38), vary(0.22, 0.38), vary(0.01, 0.06)
    left, right, top, bottom = 0.5 - half_x, 0.5 + half_x, 0.5 - half_y, 0.5 + half_y
    outline = curve([(left, top), (0.5, top + puff), (right, top), (right - puff, 0.5), (right, bottom), (0.5, bottom - puff),
                     (left, bottom), (left + puff, 0.5), (left, top)])  # fmt: skip
    parts = [Part(outline)]
    design = vary.pick("piping", "button", "tassels", "plain")
    if design == "piping":
        parts.append(Part(band(outline, 0.022), ACCENT))
    elif design == "button":
        parts.append(Part(ellipse(0.5, 0.5, 0.035), ACCENT))
    elif design == "tassels":
        parts += [Part(ellipse(x, y, 0.045), ACCENT) for x in (left, right) for y in (top, bottom)]
    return Drawing(parts, (0.5, 0.5, vary(0.16, 0.3)))


def vase(vary: Vary) -> Drawing:
    """A vase, now and then with a twig."""
    lip, neck, belly, foot = vary(0.07, 0.16), vary(0.05, 0.11), vary(0.15, 0.28), vary(0.08, 0.17)
    middle, top = vary(0.50, 0.72), vary(0.16, 0.36)
    parts: list[Part] = []
    if vary.chance(0.4):
        twigs = [curve([(0.5, top + 0.1), (0.5 + lean / 2, top - 0.1), (0.5 + lean, 0.05)]) for lean in (-0.16, 0.02, 0.17)]
        parts += [Part(band(twig, 0.014), WOOD) for twig in twigs]
        parts += [Part(ellipse(x, y, 0.026, 0.036), ACCENT) for twig in twigs for x, y in twig[8::4]]
    parts.append(Part(turned([(lip, top), (neck, top + 0.10), (belly, middle), (foot, 0.90), (foot, 0.92)])))
    parts.append(Part(ellipse(0.5, top, lip, 0.025), DARK))
    if vary.chance(0.4):
        parts.append(Part(box(0.5 - neck * 1.02, top + 0.08, 0.5 + neck * 1.02, top + 0.12), ACCENT))
    return Drawing(parts, (0.5, middle, vary(0.10, 0.2)))
