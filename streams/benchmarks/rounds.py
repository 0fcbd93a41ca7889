"""Cases measured in turns, so that whatever else a machine does meets all of them alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Case = Callable[[], float]
"""Does its work once and says how fast that was, in whatever unit; more is faster."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float

    def __format__(self, spec: str) -> str:
        """As `median (least to most)`, each number formatted by the spec."""
        return f"{self.median:{spec}} ({self.least:{spec}} to {self.most:{spec}})"


def spread(values: Sequence[float]) -> Spread:
    """The median of measurements, and from where to where they are."""
    return Spread(statistics.median(values), min(values), max(values))


def in_turns(
    cases: Mapping[str, Case],
    rounds: int,
    *,
    uncounted: int = 1,
    on_measured: Callable[[str, float], None] = lambda _name, _value: None,
) -> dict[str, list[float]]:
    """Measure each case once per round, every other round in the opposite order.

    Args:
        cases: by name.
        rounds: that count.
        uncounted: rounds before them, in which caches and compilers come to rest.
        on_measured: is told of each measurement that counts.

    Returns:
        Of each case its measurements, by round.
    """
    measured: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(-uncounted, rounds):
        turns = list(cases.items())
        for name, case in turns if number % 2 == 0 else reversed(turns):
            value = case()
            if number >= 0:
                measured[name].append(value)
                on_measured(name, value)
    return measured


def ratio(measured: Mapping[str, Sequence[float]], of: str, beside: str) -> Spread:
    """How many times as fast one case is as another, compared within each round."""
    return spread([one / other for one, other in zip(measured[of], measured[beside], strict=True)])
