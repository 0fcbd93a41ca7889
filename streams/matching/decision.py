"""Two listings are one product, or not, or somebody should look: the decision on pairs.

What comes first decides: a person's verdict, then a veto, then the score against its thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from streams.events.judgements import Verdict
from streams.matching.details import Details
from streams.matching.pairs import Pairs
from streams.matching.policy import Policy, Thresholds
from streams.matching.rows import Floats
from streams.matching.rules import Rules
from streams.matching.similarity import DECIMALS, sure
from streams.matching.variants import Veto, vetoes_of

Outcomes = NDArray[np.int8]
"""Per pair an `Outcome`."""

VERDICT_CODES = {Verdict.SAME: 1, Verdict.DIFFERENT: -1, Verdict.UNSURE: 0}
"""Verdicts as they stand in arrays; 0 is nobody's."""


class Outcome(IntEnum):
    """What becomes of a pair."""

    NO = 0
    REVIEW = 1
    """Somebody should look at it."""

    MATCH = 2


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided on p pairs.

    Args:
        outcomes: (p,) `Outcome` as int8.
        scores: (p,) float64: the scorer's probability, or the combined similarity.
        unjudged: (p,) what the outcomes would be if nobody had said anything.
        vetoes: by place of the pair; looked for only where the score is enough.
    """

    outcomes: Outcomes
    scores: Floats
    unjudged: Outcomes
    vetoes: Mapping[int, tuple[Veto, ...]] = field(default_factory=dict)


def decide(pairs: Pairs, rules: Rules, verdicts: NDArray[np.int8] | None = None) -> Decisions:
    """Decide on pairs.

    Args:
        pairs: which, with their similarities.
        rules: thresholds, vetoes and scorer.
        verdicts: (p,) of `VERDICT_CODES`; None where nobody said anything.
    """
    scores = score(pairs, rules)
    outcomes = _by_score(pairs, scores, rules)
    vetoes = _vetoes(pairs, np.flatnonzero(outcomes != Outcome.NO), rules.policy)
    outcomes[list(vetoes)] = Outcome.NO
    if verdicts is None:
        return Decisions(outcomes, scores, outcomes, vetoes)
    unjudged = np.where(looked_at(pairs, rules.policy), outcomes, Outcome.NO).astype(np.int8)
    outcomes[verdicts > 0] = Outcome.MATCH
    outcomes[verdicts < 0] = Outcome.NO
    return Decisions(outcomes, scores, unjudged, vetoes)


def score(pairs: Pairs, rules: Rules) -> Floats:
    """What thresholds are compared with, (p,) float64."""
    if rules.scorer is None or not len(pairs):
        return pairs.combined
    return np.round(rules.scorer.probabilities(pairs), DECIMALS)


def looked_at(pairs: Pairs, policy: Policy) -> NDArray[np.bool_]:
    """Which pairs are similar enough to be decided on without a judgement, (p,)."""
    result: NDArray[np.bool_] = (pairs.combined >= policy.candidates) | sure(pairs.single, policy, (len(pairs),))
    return result


def sure_of(pairs: Pairs, rules: Rules) -> NDArray[np.bool_]:
    """Where one modality is enough by itself, (p,); with a scorer, nowhere."""
    if rules.scorer is not None:
        return np.zeros(len(pairs), dtype=bool)
    return sure(pairs.single, rules.policy, (len(pairs),))


def thresholds_of(own: Details, other: Details, policy: Policy) -> Thresholds:
    """Those of a pair: of the category that both are in, or else the general ones."""
    one, two = own.category.casefold(), other.category.casefold()
    return policy.thresholds(one if one == two and one else None)


def _by_score(pairs: Pairs, scores: Floats, rules: Rules) -> Outcomes:
    match, review = _thresholds(pairs, rules.policy)
    enough = (scores >= match) | sure_of(pairs, rules)
    return np.where(enough, Outcome.MATCH, np.where(scores >= review, Outcome.REVIEW, Outcome.NO)).astype(np.int8)


def _thresholds(pairs: Pairs, policy: Policy) -> tuple[Floats, Floats]:
    """The match and the review threshold of each pair, (p,) each."""
    general = policy.thresholds(None)
    each = [general] * len(pairs)
    if policy.categories:
        listings = zip(pairs.own.tolist(), pairs.other.tolist(), strict=True)
        each = [thresholds_of(pairs.owners[i], pairs.others[j], policy) for i, j in listings]
    match = np.array([one.match for one in each])
    return match, np.array([one.match if one.review is None else one.review for one in each])


def _vetoes(pairs: Pairs, places: NDArray[np.intp], policy: Policy) -> dict[int, tuple[Veto, ...]]:
    found = {}
    for place in places.tolist() if policy.vetoes else ():
        own, other = pairs.owners[pairs.own[place]], pairs.others[pairs.other[place]]
        if vetoes := vetoes_of(own, other, policy.vetoes):
            found[place] = vetoes
    return found
