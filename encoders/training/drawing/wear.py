"""Drawings of what people wear."""

from __future__ import annotations

from encoders.training.dice import Dice
from encoders.training.drawing.dial import dial
from encoders.training.drawing.outlines import (
    Drawing,
    Material,
    Part,
    Points,
    band,
    box,
    curve,
    ellipse,
    polygon,
    smooth,
    turned,
)

BODY, ACCENT, DARK, LIGHT, METAL, GLASS = (
    Material.BODY,
    Material.ACCENT,
    Material.DARK,
    Material.LIGHT,
    Material.METAL,
    Material.GLASS,
)


def sneaker(vary: Dice) -> Drawing:
    """A sports shoe from the side."""
    collar, tongue, toe, sole = vary(0.30, 0.46), vary(0.24, 0.36), vary(0.52, 0.62), vary(0.05, 0.11)
    base = 0.76
    rear = [(0.10, collar), (0.22, collar + 0.05), (0.36, tongue), (0.46, tongue + 0.03)]
    front = [(0.68, toe - 0.06), (0.86, toe), (0.94, base - 0.06), (0.90, base), (0.50, base)]
    upper = smooth([*rear, *front, (0.09, base), (0.07, 0.58)])
    rise = vary(0.0, 0.05)
    bottom = [(0.95, base), (0.90, base + sole), (0.50, base + sole * vary(0.8, 1.0)), (0.10, base + sole)]
    under = smooth([(0.06, base - 0.03), (0.50, base - 0.02), (0.93, base - 0.03 - rise), *bottom])
    parts = [Part(upper), Part(under, vary.pick(LIGHT, ACCENT, DARK))]
    if vary.chance(0.5):
        parts.append(Part(smooth([(0.74, toe + 0.02), (0.86, toe + 0.01), (0.93, 0.71), (0.76, 0.72)]), ACCENT))
    if vary.chance(0.6):
        parts.append(Part(smooth([(0.07, collar + 0.05), (0.15, collar + 0.06), (0.17, 0.70), (0.08, 0.70)]), ACCENT))
    parts += [Part(band(line, vary(0.018, 0.04)), ACCENT) for line in _side_lines(vary)]
    parts += [_lace(step / 4, tongue, toe) for step in range(vary.count(3, 5))]
    return Drawing(parts, (0.24, 0.60, 0.11))


def _side_lines(vary: Dice) -> list[Points]:
    count, lean, start = vary.count(0, 3), vary(-0.10, 0.12), vary(0.34, 0.42)
    return [
        curve(
            [(start + 0.08 * n, 0.52 - 0.01 * n), (start + 0.08 * n + lean / 2, 0.62), (start + 0.08 * n + lean, 0.71)]
        )
        for n in range(count)
    ]


def _lace(step: float, tongue: float, toe: float) -> Part:
    x, y = 0.45 + 0.2 * step, tongue + 0.05 + (toe - tongue - 0.07) * step
    return Part(band([(x - 0.05, y + 0.05), (x + 0.03, y - 0.015)], 0.018), LIGHT)


def t_shirt(vary: Dice) -> Drawing:
    """A T-shirt, spread out, with a print or a pocket."""
    shoulder, sleeve, waist, length = vary(0.22, 0.27), vary(0.13, 0.2), vary(0.19, 0.25), vary(0.82, 0.93)
    drop = vary(0.18, 0.30)
    arm = [(shoulder, 0.16), (shoulder + sleeve, 0.16 + drop), (shoulder + sleeve - 0.1, 0.23 + drop)]
    half = [(0.10, 0.12), *arm, (shoulder - 0.02, 0.34), (waist, length)]
    outline = polygon([(0.5 - x, y) for x, y in half] + [(0.5 + x, y) for x, y in reversed(half)])
    neck = vary(0.15, 0.24)
    collar = curve([(0.39, 0.12), (0.44, neck), (0.5, neck + 0.03), (0.56, neck), (0.61, 0.12)])
    parts = [Part(outline, round=False), Part(collar, DARK, round=False), Part(band(collar, 0.025), ACCENT)]
    print_kind = vary.pick("pocket", "disc", "bar", "none")
    if print_kind == "pocket":
        parts.append(Part(box(0.56, 0.36, 0.68, 0.49, 0.02), ACCENT, round=False))
    elif print_kind == "disc":
        parts.append(Part(ellipse(0.5, 0.5, vary(0.08, 0.15)), ACCENT, round=False))
    elif print_kind == "bar":
        parts.append(Part(box(0.31, 0.42, 0.69, 0.42 + vary(0.06, 0.14)), ACCENT, round=False))
    return Drawing(parts, (0.5, 0.5, 0.15))


def cap(vary: Dice) -> Drawing:
    """A peaked cap from the side."""
    top, back = vary(0.24, 0.34), vary(0.10, 0.16)
    dome = [(0.28, top + 0.03), (0.44, top), (0.60, top + 0.10), (0.68, 0.50)]
    crown = smooth([(back, 0.66), (back + 0.02, 0.45), *dome, (0.68, 0.66), (0.40, 0.68)])
    reach, dip = vary(0.90, 0.98), vary(0.66, 0.76)
    peak = smooth([(0.60, 0.58), (0.80, 0.60), (reach, dip), (0.84, dip + 0.01), (0.60, 0.68)])
    parts = [Part(crown), Part(peak, ACCENT if vary.chance(0.6) else BODY)]
    seam = curve([(0.42, top), (0.46, 0.48), (0.44, 0.67)])
    parts += [Part(band(seam, 0.012), DARK), Part(ellipse(0.43, top, 0.03, 0.018), ACCENT)]
    if vary.chance(0.5):
        parts.append(Part(band(curve([(back, 0.64), (0.40, 0.665), (0.68, 0.64)]), 0.05), ACCENT))
    return Drawing(parts, (0.55, 0.50, vary(0.11, 0.17)))


def sunglasses(vary: Dice) -> Drawing:
    """Sunglasses from the front, temples folded back."""
    wide, high, gap, rim = vary(0.15, 0.19), vary(0.10, 0.17), vary(0.035, 0.06), vary(0.015, 0.035)
    design, y = vary.pick("round", "square", "drop"), 0.5
    parts: list[Part] = []
    for side in (-1, 1):
        x = 0.5 + side * (gap + wide)
        temple = [(wide, -high / 2), (wide + 0.03, -0.02), (wide * 0.7, -high - 0.07)]
        parts.append(Part(band(curve([(x + side * dx, y + dy) for dx, dy in temple]), 0.026), BODY))
        parts += [Part(_lens(x, y, wide + rim, high + rim, design)), Part(_lens(x, y, wide, high, design), GLASS)]
    bridge = vary(0.02, 0.08)
    parts.append(
        Part(
            band(
                curve([(0.5 - gap - 0.02, y - bridge), (0.5, y - bridge - 0.02), (0.5 + gap + 0.02, y - bridge)]), 0.03
            ),
            ACCENT,
        )
    )
    return Drawing(parts, (0.5 - gap - wide * 1.6, y - high * 0.4, 0.05))


def _lens(x: float, y: float, wide: float, high: float, design: str) -> Points:
    if design == "round":
        return ellipse(x, y, wide, high)
    if design == "square":
        return box(x - wide, y - high * 0.8, x + wide, y + high * 0.8, 0.05)
    return smooth(
        [
            (x - wide, y - high * 0.7),
            (x + wide, y - high * 0.7),
            (x + wide * 0.8, y + high * 0.6),
            (x, y + high),
            (x - wide * 0.8, y + high * 0.6),
        ]
    )


def watch(vary: Dice) -> Drawing:
    """A wrist watch from the front."""
    radius, strap, rim = vary(0.18, 0.25), vary(0.09, 0.14), vary(0.02, 0.045)
    square = vary.chance(0.35)
    strap_material = vary.pick(BODY, METAL, DARK)
    parts = [Part(turned([(strap, 0.5), (strap * 0.75, end)]), strap_material) for end in (0.04, 0.96)]
    links = [0.10 + 0.07 * n for n in range(3)] if strap_material is METAL else []
    parts += [
        Part(box(0.5 - strap * 0.8, y, 0.5 + strap * 0.8, y + 0.012), DARK) for link in links for y in (link, 1 - link)
    ]
    for grow, material in ((rim, METAL if vary.chance(0.6) else ACCENT), (0.0, vary.pick(BODY, LIGHT, DARK))):
        edge = radius + grow
        parts.append(
            Part(
                box(0.5 - edge, 0.5 - edge, 0.5 + edge, 0.5 + edge, 0.06) if square else ellipse(0.5, 0.5, edge),
                material,
            )
        )
    parts.append(Part(box(0.5 + radius + rim, 0.48, 0.5 + radius + rim + 0.03, 0.52), METAL))
    parts += dial(radius, vary)
    return Drawing(parts, (0.5, 0.5 + radius * 0.45, radius * 0.35))
