"""Drawings of electronics and of what stands in a bathroom."""

from __future__ import annotations

import numpy as np

from encoders.training.dice import Dice
from encoders.training.drawing.outlines import Drawing, Material, Part, band, box, curve, ellipse, moved, turned

BODY, ACCENT, DARK, LIGHT, METAL, GLASS = (
    Material.BODY,
    Material.ACCENT,
    Material.DARK,
    Material.LIGHT,
    Material.METAL,
    Material.GLASS,
)


def headphones(vary: Dice) -> Drawing:
    """Headphones from the front."""
    reach, top, cup_x, cup_y = vary(0.26, 0.34), vary(0.10, 0.18), vary(0.07, 0.11), vary(0.12, 0.18)
    y = vary(0.58, 0.66)
    hoop = curve(
        [
            (0.5 - reach, y),
            (0.5 - reach * 0.92, top + 0.17),
            (0.5, top),
            (0.5 + reach * 0.92, top + 0.17),
            (0.5 + reach, y),
        ]
    )
    pad = curve([(0.5 - reach * 0.6, top + 0.09), (0.5, top + 0.02), (0.5 + reach * 0.6, top + 0.09)])
    parts = [Part(band(hoop, vary(0.03, 0.06)), vary.pick(BODY, DARK, METAL))]
    if vary.chance(0.6):
        parts.append(Part(band(pad, 0.06), ACCENT))
    oval, inset = vary.chance(0.6), vary(0.02, 0.05)
    middle = vary.pick(ACCENT, METAL, DARK)
    for side in (-1, 1):
        x = 0.5 + side * reach
        parts.append(Part(ellipse(x - side * 0.05, y, cup_x * 0.8, cup_y * 0.95), DARK))
        parts.append(
            Part(ellipse(x, y, cup_x, cup_y) if oval else box(x - cup_x, y - cup_y, x + cup_x, y + cup_y, 0.06))
        )
        parts.append(Part(ellipse(x, y, cup_x - inset, cup_y - inset * 1.5), middle))
    if vary.chance(0.3):
        parts.append(Part(band(curve([(0.5 - reach, y + cup_y), (0.3, 0.9), (0.5, 0.86), (0.56, 0.95)]), 0.014), DARK))
    return Drawing(parts, (0.5 + reach, y, cup_x * 0.8))


def phone(vary: Dice) -> Drawing:
    """A smartphone, its back and, half hidden, its screen."""
    half, high, corner = vary(0.15, 0.19), vary(0.34, 0.40), vary(0.02, 0.07)
    shift = vary(0.08, 0.13)
    screen = box(0.5 - half + shift, 0.5 - high, 0.5 + half + shift, 0.5 + high, corner)
    parts = [
        Part(screen, DARK),
        Part(box(0.52 - half + shift, 0.52 - high, 0.48 + half + shift, 0.48 + high, corner), GLASS, round=False),
    ]
    back = moved(box(0.5 - half, 0.5 - high, 0.5 + half, 0.5 + high, corner), -shift, 0.02)
    parts.append(Part(back))
    x, y = 0.5 - shift - half + 0.08, 0.60 - high
    lenses, gap, design = vary.count(1, 3), vary(0.07, 0.095), vary.pick("tall", "wide", "bare")
    along = [(x + gap * n * (design == "wide"), y + gap * n * (design != "wide")) for n in range(lenses)]
    if design != "bare":
        parts.append(Part(box(x - 0.05, y - 0.05, along[-1][0] + 0.05, along[-1][1] + 0.05, 0.045), ACCENT))
    for lens_x, lens_y in along:
        parts += [Part(ellipse(lens_x, lens_y, 0.034), DARK), Part(ellipse(lens_x, lens_y, 0.018), GLASS)]
    return Drawing(parts, (0.5 - shift, 0.6, 0.11))


def usb_stick(vary: Dice) -> Drawing:
    """A USB stick lying aslant."""
    half, length, corner, turn = vary(0.09, 0.15), vary(0.26, 0.36), vary(0.01, 0.1), vary(0.5, 1.0)
    top = 0.5 - length * 0.5
    plug = half * 0.72
    pieces = [Part(box(0.5 - plug, top - 0.2, 0.5 + plug, top + 0.02), METAL)]
    pieces += [
        Part(box(0.5 + s * plug * 0.5 - 0.018, top - 0.15, 0.5 + s * plug * 0.5 + 0.018, top - 0.11), DARK)
        for s in (-1, 1)
    ]
    pieces.append(Part(box(0.5 - half, top, 0.5 + half, 0.5 + length, corner)))
    design = vary.pick("tip", "clip", "stripe")
    if design == "tip":
        pieces.append(Part(box(0.5 - half, 0.42 + length, 0.5 + half, 0.5 + length, corner), ACCENT))
    elif design == "clip":
        pieces.append(Part(box(0.5 - half * 1.1, top + 0.12, 0.5 + half * 1.1, top + 0.24, 0.01), METAL))
    else:
        pieces.append(Part(band(curve([(0.5, top + 0.03), (0.5, 0.5), (0.5, 0.46 + length)]), half * 0.5), ACCENT))
    pieces.append(Part(ellipse(0.5, 0.46 + length, 0.025), DARK))
    parts = [Part(moved(piece.outline, turn=turn), piece.material) for piece in pieces]
    sign = moved(np.array([[0.5, 0.56]]), turn=turn)[0]
    return Drawing(parts, (float(sign[0]), float(sign[1]), half))


def speaker(vary: Dice) -> Drawing:
    """A loudspeaker with one or two drivers."""
    half, high, corner = vary(0.18, 0.28), vary(0.30, 0.40), vary(0.01, 0.14)
    parts = [Part(box(0.5 - half, 0.5 - high, 0.5 + half, 0.5 + high, corner))]
    if vary.chance(0.4):
        parts.append(Part(box(0.53 - half, 0.53 - high, 0.47 + half, 0.47 + high, corner), DARK, round=False))
    big = half * vary(0.6, 0.8)
    drivers = [(0.5 + high - big - 0.06, big)]
    if vary.chance(0.65):
        drivers.append((0.5 - high + big * 0.5 + 0.07, big * vary(0.35, 0.5)))
    ring = vary.pick(METAL, ACCENT)
    for y, radius in drivers:
        parts += [
            Part(ellipse(0.5, y, radius), ring),
            Part(ellipse(0.5, y, radius * 0.86), DARK),
            Part(ellipse(0.5, y, radius * vary(0.3, 0.5)), ring),
        ]
    parts += [
        Part(box(0.5 + s * half * 0.7 - 0.03, 0.5 + high, 0.5 + s * half * 0.7 + 0.03, 0.53 + high), DARK)
        for s in (-1, 1)
    ]
    return Drawing(parts, (0.5, 0.5 - high + 0.06, 0.07))


def keyboard(vary: Dice) -> Drawing:
    """A computer keyboard from above."""
    half, high, corner = vary(0.38, 0.46), vary(0.14, 0.20), vary(0.01, 0.04)
    rows, columns = vary.count(4, 5), vary.count(9, 13)
    parts = [Part(box(0.5 - half, 0.5 - high, 0.5 + half, 0.5 + high, corner))]
    top = 0.5 - high + vary(0.02, 0.07)
    keys = vary.pick(DARK, LIGHT)
    pitch_x, pitch_y = (2 * half - 0.06) / columns, (0.5 + high - 0.03 - top) / rows
    for row in range(rows):
        for column in range(columns):
            x, y = 0.53 - half + column * pitch_x, top + row * pitch_y
            material = ACCENT if (row, column) in {(0, 0), (rows - 2, columns - 1)} else keys
            parts.append(Part(box(x, y, x + pitch_x * 0.84, y + pitch_y * 0.82, 0.006), material, round=False))
    return Drawing(parts, (0.5 + half - 0.09, 0.5 - high + 0.02, 0.04))


def perfume(vary: Dice) -> Drawing:
    """A bottle of perfume."""
    half, top, shoulder, corner = vary(0.16, 0.28), vary(0.36, 0.46), vary(0.0, 0.08), vary(0.01, 0.12)
    cap_half, cap_top = vary(0.05, 0.13), vary(0.10, 0.22)
    if vary.chance(0.4):
        body = turned(
            [(half * 0.4, top), (half, top + 0.14), (half * 1.1, 0.7), (half * 0.7, 0.90), (half * 0.6, 0.91)]
        )
    else:
        body = box(0.5 - half, top + shoulder, 0.5 + half, 0.91, corner)
    parts = [Part(box(0.46, cap_top + 0.1, 0.54, top + shoulder + 0.03), METAL), Part(body)]
    parts.append(
        Part(
            box(0.5 - cap_half, cap_top, 0.5 + cap_half, top - 0.04, vary(0.0, 0.08)),
            vary.pick(METAL, ACCENT, DARK, LIGHT),
        )
    )
    if vary.chance(0.7):
        high, wide = vary(0.06, 0.14), half * vary(0.5, 0.85)
        parts.append(
            Part(
                box(0.5 - wide, 0.68 - high, 0.5 + wide, 0.68 + high, 0.01), vary.pick(LIGHT, ACCENT, DARK), round=False
            )
        )
    return Drawing(parts, (0.5, 0.68, vary(0.09, 0.14)))
