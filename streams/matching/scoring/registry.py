"""Named comparisons of two listings: what the pair scorer knows of a pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.tokens import TokenKind


class Speaks(IntEnum):
    """Which way a comparison may move a score as it grows."""

    FOR = 1
    """Only towards the same product."""

    AGAINST = -1
    """Only away from it."""

    EITHER = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way of comparing two listings, whichever of them comes first.

    Args:
        name: as users read it.
        speaks: which way it may move the score.
        of: (p,) float64 of p pairs; NaN where it says nothing.
    """

    name: str
    speaks: Speaks
    of: Callable[[Columns], Floats]

    @property
    def meaning(self) -> str:
        """What it compares, in words."""
        return (self.of.__doc__ or "").strip()


class Registry:
    """Comparisons by name, in the order in which they were written down."""

    def __init__(self, known: Iterable[Comparison] = ()) -> None:
        self._known = {one.name: one for one in known}

    def add(
        self, speaks: Speaks = Speaks.EITHER, name: str = ""
    ) -> Callable[[Callable[[Columns], Floats]], Callable[[Columns], Floats]]:
        """Take in a function under its own name, its underscores read as blanks, or under another."""

        def take(function: Callable[[Columns], Floats]) -> Callable[[Columns], Floats]:
            known_as = name or function.__name__.replace("_", " ")
            self._known[known_as] = Comparison(known_as, speaks, function)
            return function

        return take

    @classmethod
    def joined(cls, *registries: Registry) -> Registry:
        """One registry of several, in their order."""
        return cls(registry[name] for registry in registries for name in registry.names)

    def __getitem__(self, name: str) -> Comparison:
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in order."""
        return tuple(self._known)


def share(part: Floats, whole: Floats) -> Floats:
    """One as a share of the other; NaN where the whole is nothing."""
    result: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return result


def overlap(columns: Columns, kind: TokenKind) -> Floats:
    """Which part of all tokens of a kind both have, (p,); NaN where neither has one."""
    shared = columns.shared(kind)
    return share(shared, columns.size(kind).sum(axis=1) - shared)


def contained(columns: Columns, kind: TokenKind) -> Floats:
    """Which part of the fewer tokens of a kind the other side has too, (p,); NaN where a side has none."""
    return share(columns.shared(kind), columns.size(kind).min(axis=1))
