"""Values that listings state, and when two of them are alike."""

from __future__ import annotations

from dataclasses import dataclass

from streams.matching.variants.kinds import VetoKind

Place = tuple[VetoKind, str]
"""Where values are compared: a kind and, within it, what they are values of."""


@dataclass(frozen=True, slots=True)
class Value:
    """Something a listing states.

    Args:
        shown: as reasons show it; equal for equal values.
        numbers: an amount in its base unit, or the sides of a measure, growing; empty for a word.
        slack: how far apart two numbers of the same thing may be, as a share of the larger.
        spelled: as the seller spelled it, where that differs from `shown`.
    """

    shown: str
    numbers: tuple[float, ...] = ()
    slack: float = 0.0
    spelled: str = ""

    def like(self, other: Value) -> bool:
        """Whether both may be said of one thing: the same word, the same amount but for rounding.

        A measure with fewer sides is like one that has all of them: 60 x 85 cm and 60 x 85 x 55 cm.
        """
        if self.shown == other.shown:
            return True
        fewer, more = sorted((self.numbers, other.numbers), key=len)
        return bool(fewer) and _within(fewer, more, max(self.slack, other.slack))


def _within(fewer: tuple[float, ...], more: tuple[float, ...], slack: float) -> bool:
    """Whether each of the growing `fewer` has one of the growing `more` of its own that is near it."""
    left = list(more)
    for number in fewer:
        near = next((one for one in left if abs(one - number) <= slack * max(one, number)), None)
        if near is None:
            return False
        left.remove(near)
    return True


Stated = tuple[Place, Value]
"""A value, and where it is compared."""
