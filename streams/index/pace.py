"""How much to do before others get a turn, where the engine holds Python's interpreter lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

STEP_S: Final = 0.005
"""A step takes about so long."""
_NEWEST: Final = 0.3
"""How much the last step counts beside those before it."""

_One = TypeVar("_One")


class Pace:
    """Cuts a batch into pieces that take about `step_s` each, by how long the last ones took.

    Args:
        at_least: in the first piece, and in any.
        at_most: in any.
        step_s: how long a piece should take.
        clock: tells seconds.
    """

    def __init__(
        self, at_least: int, at_most: int, *, step_s: float = STEP_S, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._at_least, self._at_most, self._step_s, self._clock = at_least, at_most, step_s, clock
        self._each_s = step_s / at_least

    @property
    def size(self) -> int:
        """Of the next piece."""
        return max(self._at_least, min(self._at_most, int(self._step_s / self._each_s + 0.5)))

    def pieces(self, batch: Sequence[_One]) -> Iterator[Sequence[_One]]:
        """The batch in pieces; the time in which the caller has one in hand is what it takes."""
        start = 0
        while start < len(batch):
            piece = batch[start : start + self.size]
            start += len(piece)
            yield piece

    @contextmanager
    def timed(self, number: int) -> Iterator[None]:
        """Do a piece of so many in the block."""
        begun = self._clock()
        yield
        each_s = (self._clock() - begun) / number
        self._each_s += _NEWEST * (max(each_s, 1e-9) - self._each_s)
