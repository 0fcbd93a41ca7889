"""A small drawing of how many events there were, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STEP: Final = 2
HEIGHT: Final = 48
_ROOM: Final = 2
_OUTSIDE: Final = 4


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line over the minutes, and the same in words.

    Args:
        path: of an SVG; what closes it below lies outside its box.
        width: of the box.
        height: of the box.
        words: for whoever does not see it.
    """

    path: str
    width: int
    height: int
    words: str


def sparkline(minutes: Sequence[int]) -> Sparkline:
    """Of events per minute, the newest last."""
    most = max([1, *minutes])
    heights = [HEIGHT - _ROOM - round((HEIGHT - 2 * _ROOM) * count / most) for count in minutes]
    width, below = STEP * max(1, len(minutes) - 1), HEIGHT + _OUTSIDE
    points = [f"{STEP * place} {heights[place]}" for place in _corners(heights)]
    path = f"M-{_OUTSIDE} {below}L{'L'.join(points)}L{width + _OUTSIDE} {below}Z" if points else ""
    return Sparkline(path, width, HEIGHT, _in_words(minutes))


def _corners(heights: Sequence[int]) -> list[int]:
    """The places where the line bends, and its ends; a quiet hour is two points."""
    last = len(heights) - 1
    return [
        place
        for place, height in enumerate(heights)
        if place in {0, last} or not heights[place - 1] == height == heights[place + 1]
    ]


def _in_words(minutes: Sequence[int]) -> str:
    busiest = max(minutes, default=0)
    since = f"Events per minute over the last {len(minutes) // 60} hours: "
    if not busiest:
        return since + "none."
    ago = len(minutes) - 1 - max(place for place, count in enumerate(minutes) if count == busiest)
    when = "now" if ago == 0 else f"{ago} min ago"
    return f"{since}{sum(minutes):,} altogether, at most {busiest:,} in a minute ({when}), {minutes[-1]:,} in this one."
