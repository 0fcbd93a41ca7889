"""Drawings of what people carry."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from encoders.training.dice import Dice
from encoders.training.drawing.outlines import Drawing, Material, Part, band, box, curve, ellipse, turned

BODY, ACCENT, DARK, METAL, WOOD = Material.BODY, Material.ACCENT, Material.DARK, Material.METAL, Material.WOOD


def backpack(vary: Dice) -> Drawing:
    """A backpack from the front."""
    half, top, bottom, corner = vary(0.22, 0.30), vary(0.16, 0.24), vary(0.84, 0.92), vary(0.06, 0.2)
    parts = [
        Part(band(curve([(0.42, top + 0.02), (0.44, top - 0.08), (0.56, top - 0.08), (0.58, top + 0.02)]), 0.03), DARK)
    ]
    for side in (-half, half):
        strap = curve([(0.5 + side * 0.8, top + 0.1), (0.5 + side * 1.27, 0.5), (0.5 + side, 0.82)])
        parts.append(Part(band(strap, 0.05), DARK))
    parts.append(Part(box(0.5 - half, top, 0.5 + half, bottom, corner)))
    line = vary(0.36, 0.46)
    if vary.chance(0.5):
        parts.append(Part(box(0.5 - half, top, 0.5 + half, line, corner), ACCENT))
        parts += [Part(box(x - 0.02, line - 0.03, x + 0.02, line + 0.08, 0.005), METAL) for x in (0.41, 0.59)]
    else:
        parts.append(
            Part(band(curve([(0.5 - half + 0.03, line), (0.5, line - 0.1), (0.5 + half - 0.03, line)]), 0.014), METAL)
        )
    pocket, inset = vary(0.54, 0.64), vary(0.03, 0.08)
    parts.append(
        Part(
            box(0.5 - half + inset, pocket, 0.5 + half - inset, bottom - 0.04, corner / 2),
            vary.pick(BODY, ACCENT),
        )
    )
    parts.append(Part(box(0.5 - half + inset + 0.02, pocket + 0.03, 0.5 + half - inset - 0.02, pocket + 0.045), METAL))
    return Drawing(parts, (0.5, pocket + 0.13, vary(0.09, 0.15)))


def handbag(vary: Dice) -> Drawing:
    """A handbag from the front."""
    wide, narrow, top, bottom = vary(0.30, 0.40), vary(0.20, 0.36), vary(0.40, 0.48), vary(0.82, 0.90)
    rise, foot = vary(0.14, 0.30), vary(0.14, 0.24)
    arch = [(foot, 0.03), (foot * 0.8, -rise * 0.8), (0.0, -rise), (-foot * 0.8, -rise * 0.8), (-foot, 0.03)]
    handle = curve([(0.5 + x, top + y) for x, y in arch])
    body = turned([(narrow, top), (narrow + 0.02, (top + bottom) / 2), (wide, bottom - 0.05), (wide - 0.04, bottom)])
    parts = [Part(band(handle, vary(0.025, 0.05)), vary.pick(ACCENT, DARK, METAL)), Part(body)]
    if vary.chance(0.6):
        depth = vary(0.10, 0.24)
        flap = turned(
            [(narrow, top), (narrow * 0.9, top + depth * 0.6), (narrow * 0.4, top + depth), (0.001, top + depth + 0.02)]
        )
        parts += [Part(flap, ACCENT), Part(box(0.47, top + depth - 0.03, 0.53, top + depth + 0.05, 0.01), METAL)]
    parts += [Part(ellipse(0.5 + s * foot, top + 0.04, 0.022), METAL) for s in (-1, 1)]
    return Drawing(parts, (0.5, bottom - 0.13, vary(0.08, 0.14)))


def umbrella(vary: Dice) -> Drawing:
    """An open umbrella from the side."""
    top, edge, reach, hook = vary(0.10, 0.18), vary(0.42, 0.52), vary(0.38, 0.46), vary(0.04, 0.08)
    count = vary.count(3, 5)
    stick = curve(
        [
            (0.5, top - 0.05),
            (0.5, 0.5),
            (0.5, 0.86),
            (0.5 + hook * 0.4, 0.92),
            (0.5 + hook * 1.6, 0.92),
            (0.5 + hook * 2, 0.86),
        ]
    )
    parts = [Part(band(stick, 0.025), vary.pick(METAL, WOOD, DARK))]
    angles = np.linspace(np.pi, 2 * np.pi, 24)
    dome = np.stack([0.5 + reach * np.cos(angles), edge + (edge - top) * np.sin(angles)], 1)
    ends = np.linspace(0.5 + reach, 0.5 - reach, count + 1)
    scallops = [curve([(a, edge), ((a + b) / 2, edge - 0.035), (b, edge)]) for a, b in pairwise(ends)]
    parts.append(Part(np.concatenate([dome, *scallops])))
    for n, (a, b) in enumerate(pairwise(ends)):
        if n % 2 and vary.chance(0.7):
            lean = [(0.5 + (x - 0.5) * 0.72, edge - (edge - top) * 0.62) for x in (a, b)]
            parts.append(
                Part(
                    curve([(a, edge), lean[0], (0.5, top), lean[1], (b, edge), ((a + b) / 2, edge - 0.035), (a, edge)]),
                    ACCENT,
                )
            )
    return Drawing(parts, (0.5 - reach * 0.35, edge - 0.1, 0.09))
