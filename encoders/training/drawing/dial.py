"""The face of a clock or a watch."""

from __future__ import annotations

import numpy as np

from encoders.training.dice import Dice
from encoders.training.drawing.outlines import Material, Part, band, moved

ACCENT = Material.ACCENT


def dial(radius: float, vary: Dice) -> list[Part]:
    """The marks and hands of a clock face around the middle."""
    count, length, width = vary.pick(4, 12, 6), vary(0.08, 0.2), vary(0.008, 0.02)
    mark = band([(0.5, 0.5 - radius * 0.92), (0.5, 0.5 - radius * (0.92 - length))], width)
    marks = [Part(moved(mark, turn=2 * np.pi * n / count), ACCENT) for n in range(count)]
    hands = [(radius * 0.55, vary(-1.4, -0.8), 0.028), (radius * 0.8, vary(0.6, 1.3), 0.018)]
    return marks + [
        Part(moved(band([(0.5, 0.52), (0.5, 0.5 - reach)], w), turn=turn), ACCENT) for reach, turn, w in hands
    ]
