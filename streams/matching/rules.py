"""Everything decisions follow: the policy, and the pair scorer where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from streams.events.judgements import Verdict
from streams.matching.pairs import Pairs
from streams.matching.policy import Policy
from streams.matching.rows import Floats

Verdicts = Mapping[str, Mapping[str, Verdict]]
"""What people said: listing id to the ids it was compared with; each verdict stands under both."""


class PairScorer(Protocol):
    """Says how likely two listings are the same product; the same for a pair in any batch and either order."""

    def probabilities(self, pairs: Pairs) -> Floats:
        """(p,) float64 in [0, 1]."""

    def contributions(self, pairs: Pairs) -> list[dict[str, float]]:
        """Per pair what each named comparison adds to the log odds."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes a decision.

    Args:
        scorer: without one, the combined similarity is the score.
        bundle: whose rules they are, as evidence names it.
    """

    policy: Policy
    scorer: PairScorer | None = None
    bundle: str = ""
