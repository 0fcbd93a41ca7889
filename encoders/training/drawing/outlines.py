"""Outlines in the unit square, x to the right and y down, from which every drawing is put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2) corners of a polygon, or points along a line."""

Corners = Sequence[tuple[float, float]] | Points

_STEPS = 8
_CORNER_STEPS = np.linspace(0.0, np.pi / 2, 7)


class Material(StrEnum):
    """What a part is made of; `paint` knows how each looks."""

    BODY = "body"
    ACCENT = "accent"
    DARK = "dark"
    LIGHT = "light"
    METAL = "metal"
    GLASS = "glass"
    WOOD = "wood"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One painted polygon.

    Args:
        outline: closed polygon.
        material: how it is painted.
        round: shaded like a cylinder, else nearly flat.
    """

    outline: Points
    material: Material = Material.BODY
    round: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A thing as parts, the farthest first, and where its maker's sign goes.

    Args:
        parts: in painting order.
        sign: centre x, centre y and size of the sign.
    """

    parts: list[Part]
    sign: tuple[float, float, float]


def polygon(corners: Corners) -> Points:
    """The corners as they are."""
    return np.asarray(corners, dtype=np.float64)


def ellipse(x: float, y: float, radius_x: float, radius_y: float | None = None) -> Points:
    """An ellipse around (x, y), a circle without `radius_y`."""
    angles = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    return np.stack(
        [x + radius_x * np.cos(angles), y + (radius_x if radius_y is None else radius_y) * np.sin(angles)], 1
    )


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Points:
    """A rectangle with rounded corners."""
    if radius <= 0:
        return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    quarter = np.stack([np.cos(_CORNER_STEPS), np.sin(_CORNER_STEPS)], 1) * radius
    centres = [
        (right - radius, bottom - radius),
        (left + radius, bottom - radius),
        (left + radius, top + radius),
        (right - radius, top + radius),
    ]
    turns = [np.array([[c, s], [-s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return np.concatenate([quarter @ turn + centre for turn, centre in zip(turns, centres, strict=True)])


def smooth(corners: Corners) -> Points:
    """A closed Catmull-Rom curve through the corners."""
    points = polygon(corners)
    return _spline(np.concatenate([points[-1:], points, points[:2]]))


def curve(corners: Corners) -> Points:
    """An open Catmull-Rom curve from the first point to the last."""
    points = polygon(corners)
    return np.concatenate([_spline(np.concatenate([points[:1], points, points[-1:]])), points[-1:]])


def _spline(points: Points) -> Points:
    before, start, end, after = points[:-3], points[1:-2], points[2:-1], points[3:]
    t = np.linspace(0.0, 1.0, _STEPS, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (before, start, end, after))
    cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return np.asarray(cubic / 2).reshape(-1, 2)


def band(line: Corners, width: float) -> Points:
    """A line drawn with a brush of that width."""
    points = polygon(line)
    along = np.gradient(points, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across *= width / 2 / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    return np.concatenate([points + across, (points - across)[::-1]])


def turned(profile: Corners, x: float = 0.5) -> Points:
    """What a lathe makes of a profile of (half width, y), top to bottom, around the axis at `x`."""
    right = curve(profile)
    left = right[::-1] * np.array([-1.0, 1.0])
    return np.asarray(np.concatenate([right, left]) + np.array([x, 0.0]))


def moved(points: Points, x: float = 0.0, y: float = 0.0, *, turn: float = 0.0, mirror: bool = False) -> Points:
    """The points turned by `turn` radians around the middle of the square, or mirrored in it, then moved."""
    centred = (points - 0.5) * ((-1, 1) if mirror else (1, 1))
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(centred @ np.array([[cos, sin], [-sin, cos]]) + (0.5 + x, 0.5 + y))
