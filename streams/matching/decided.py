"""Pairs with what was decided on them: what is told to whoever counts decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from streams.matching.decision import Decisions, Outcome, looked_at
from streams.matching.pairs import Pairs, Places
from streams.matching.policy import Policy
from streams.matching.rows import Floats

SCORE: Final = "score"
OUTCOMES: Final = (*(one.name.lower() for one in Outcome), "judged_same", "judged_different")
"""What may become of a pair, those apart that people decided."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Some p pairs that were decided on.

    Args:
        pairs: which.
        decisions: on them.
        verdicts: (p,) of `VERDICT_CODES`; None where nobody said anything.
    """

    pairs: Pairs
    decisions: Decisions
    verdicts: NDArray[np.int8] | None = None

    def outcomes(self) -> dict[str, int]:
        """How many pairs came to what, by `OUTCOMES`."""
        said = np.zeros(len(self.pairs), np.int8) if self.verdicts is None else self.verdicts
        counts = np.bincount(self.decisions.outcomes[said == 0], minlength=len(Outcome)).tolist()
        judged = int((said > 0).sum()), int((said < 0).sum())
        return dict(zip(OUTCOMES, (*counts, *judged), strict=True))

    def similarities(self, policy: Policy) -> dict[str, Floats]:
        """See `similarities_of`, of the owners."""
        return similarities_of(self.pairs, self.decisions.scores, policy)


def similarities_of(pairs: Pairs, scores: Floats, policy: Policy, *, both_sides: bool = False) -> dict[str, Floats]:
    """Of each listing the highest score, and the highest similarity in each modality; who has none is left out.

    Of pairs that are looked at without a judgement. How many pairs of different products are a little similar grows
    with the catalogue; how similar a listing's nearest is hardly changes with it.

    Args:
        pairs: which.
        scores: (p,) of each.
        policy: which are looked at, and which modalities count.
        both_sides: each pair is there once and counts for the other listing too.
    """
    kept = looked_at(pairs, policy)
    values = {SCORE: scores, **{one.value: pairs.single[one] for one in policy.weights if one in pairs.single}}
    owners = pairs.own[kept]
    if both_sides:
        return {
            name: _highest(np.concatenate([owners, pairs.other[kept]]), np.tile(some[kept], 2))
            for name, some in values.items()
        }
    return {name: _highest(owners, some[kept]) for name, some in values.items()}


def _highest(owners: Places, values: Floats) -> Floats:
    """The highest value of each owner that has any."""
    there = ~np.isnan(values)
    found = np.full(int(owners.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(found, owners[there], values[there])
    return found[found > -np.inf]


Tell = Callable[[Decided], None]


def tell_nobody(_decided: Decided) -> None:
    """Nobody counts."""
