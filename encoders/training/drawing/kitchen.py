"""Drawings of what belongs in a kitchen."""

from __future__ import annotations

from encoders.training.dice import Dice
from encoders.training.drawing.outlines import (
    Drawing,
    Material,
    Part,
    band,
    box,
    curve,
    ellipse,
    polygon,
    smooth,
    turned,
)

BODY, ACCENT, DARK, LIGHT, METAL, GLASS, WOOD = (
    Material.BODY,
    Material.ACCENT,
    Material.DARK,
    Material.LIGHT,
    Material.METAL,
    Material.GLASS,
    Material.WOOD,
)


def mug(vary: Dice) -> Drawing:
    """A mug with its handle to the right."""
    top, waist, foot, height = vary(0.21, 0.28), vary(0.19, 0.29), vary(0.15, 0.27), vary(0.46, 0.64)
    upper, lower = 0.5 - height / 2, 0.5 + height / 2
    x, reach = 0.44, vary(0.12, 0.2)
    start, end = upper + height * vary(0.12, 0.25), upper + height * vary(0.65, 0.85)
    if vary.chance(0.7):
        loop = curve(
            [
                (x + waist - 0.03, start),
                (x + top + reach, start + 0.02),
                (x + top + reach, end - 0.05),
                (x + waist - 0.04, end),
            ]
        )
    else:
        loop = polygon(
            [(x + waist - 0.04, start), (x + top + reach, start), (x + top + reach, end), (x + waist - 0.04, end)]
        )
    inner = vary.pick(LIGHT, ACCENT)
    parts = [Part(band(loop, vary(0.035, 0.06)), vary.pick(BODY, inner))]
    parts.append(Part(turned([(top, upper), (waist, 0.5), (foot, lower - 0.03), (foot * 0.9, lower)], x)))
    parts += [Part(ellipse(x, upper, top, 0.045), inner), Part(ellipse(x, upper + 0.012, top * 0.86, 0.03), DARK)]
    if vary.chance(0.4):
        parts.append(Part(box(x - foot * 0.98, lower - 0.09, x + foot * 0.98, lower - 0.04), ACCENT))
    return Drawing(parts, (x, 0.54, vary(0.12, 0.22)))


def kettle(vary: Dice) -> Drawing:
    """An electric kettle with its spout to the left."""
    top, belly, foot, upper = vary(0.14, 0.2), vary(0.2, 0.28), vary(0.2, 0.27), vary(0.22, 0.30)
    x = 0.46
    reach, grip = vary(0.12, 0.2), vary(0.04, 0.06)
    handle = curve(
        [
            (x + top * 0.7, upper + 0.03),
            (x + top + reach, upper),
            (x + belly + reach, 0.45),
            (x + belly * 0.97, vary(0.6, 0.74)),
        ]
    )
    spout = smooth(
        [
            (x - top - 0.02, upper + 0.03),
            (x - top - vary(0.07, 0.13), upper + 0.02),
            (x - belly + 0.03, upper + 0.2),
            (x - top, upper + 0.2),
        ]
    )
    body = turned([(top, upper), (belly * 0.94, 0.45), (belly, 0.62), (foot, 0.82)], x)
    parts = [Part(band(handle, grip), DARK), Part(spout, vary.pick(BODY, METAL)), Part(body)]
    parts += [Part(turned([(foot + 0.01, 0.81), (foot + 0.03, 0.84), (foot + 0.03, 0.88)], x), DARK)]
    parts += [
        Part(turned([(0.03, upper - 0.07), (0.03, upper - 0.04), (top, upper)], x), vary.pick(DARK, METAL, ACCENT))
    ]
    if vary.chance(0.5):
        parts.append(Part(box(x - belly * 0.98, 0.68, x + belly * 0.98, 0.73), ACCENT))
    if vary.chance(0.4):
        parts.append(Part(box(x + 0.06, 0.40, x + 0.10, 0.64, 0.02), GLASS))
    return Drawing(parts, (x - 0.04, 0.55, vary(0.10, 0.16)))


def bottle(vary: Dice) -> Drawing:
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


def pan(vary: Dice) -> Drawing:
    """A frying pan from above, its handle to the lower right."""
    radius, wall = vary(0.24, 0.31), vary(0.025, 0.05)
    x = y = 0.40
    length, width = vary(0.80, 0.95), vary(0.05, 0.085)
    parts = [Part(band([(x + 0.15, y + 0.15), (length, length)], width), vary.pick(DARK, WOOD, ACCENT))]
    parts.append(Part(ellipse(length - 0.03, length - 0.03, width * 0.25), LIGHT))
    parts += [Part(ellipse(x, y, radius)), Part(ellipse(x, y, radius - wall), vary.pick(DARK, METAL, LIGHT))]
    parts += [
        Part(ellipse(x, y, (radius - wall) * 0.8 * n / 4), (ACCENT, DARK)[n % 2], round=False)
        for n in range(vary.count(0, 3), 0, -1)
    ]
    if vary.chance(0.4):
        parts.append(
            Part(polygon([(x - radius - 0.05, y + 0.03), (x - radius + 0.01, y - 0.06), (x - radius + 0.01, y + 0.08)]))
        )
    return Drawing(parts, (x, y, radius * 0.5))
