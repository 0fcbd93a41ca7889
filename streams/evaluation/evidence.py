"""How precise the pairs above a threshold are, on some of the products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression

from encoders.metrics import Evidence
from encoders.metrics.lists import Flags, Floats, Places
from streams.learning import Candidates
from streams.matching.details import Details

_STEPS = 80
_FIRST = 10
"""Pairs above the strictest threshold that is thought of."""


_REVIEW_SHARE = 0.2
"""A pair is for review where so many of its kind are right: one in five is worth somebody's time."""


@dataclass(frozen=True)
class Witnesses:
    """Scored pairs that tell how precise matching is.

    Args:
        scores: (p,) what thresholds are compared with.
        same: (p,) whether a pair is of one product.
        clusters: (p,) the same for pairs between the same two products, by code.
        weights: (p,) how many of its two listings a pair is told about, halved: the lists of some listings hold pairs
            with listings outside once, those inside twice.
    """

    scores: Floats
    same: Flags
    clusters: Places
    weights: Floats

    def at(self, places: Flags) -> Witnesses:
        """Some of the pairs."""
        return Witnesses(self.scores[places], self.same[places], self.clusters[places], self.weights[places])

    def reaching(self, threshold: float) -> Evidence:
        """Of the pairs with at least this score."""
        some = self.at(self.scores >= threshold)
        return Evidence.of(some.same, some.clusters, some.weights)

    def steps(self, number: int = _STEPS) -> list[float]:
        """Thresholds from strict to loose, finest where they are strict; of the scores alone, not of the truth.

        Rounded down so that a bundle shows them as they are used, and the pairs that they are taken from reach them.
        """
        if not len(self.scores):
            return []
        ranks = np.geomspace(min(_FIRST, len(self.scores)), len(self.scores), number).astype(int) - 1
        falling = np.floor(np.sort(self.scores)[::-1][ranks] * 10_000) / 10_000
        return sorted({float(one) for one in falling if one > 0}, reverse=True)


def witnesses(candidates: Candidates, scores: Floats, products: Places) -> Witnesses:
    """Of all candidates that a threshold can match."""
    one, other = products[candidates.one], products[candidates.other]
    keys = np.minimum(one, other) * (int(products.max(initial=0)) + 1) + np.maximum(one, other)
    clusters = np.unique(keys, return_inverse=True)[1].astype(np.intp)
    return Witnesses(scores, one == other, clusters, np.ones(len(scores)))


def categories_of(candidates: Candidates, details: Sequence[Details]) -> list[str]:
    """The category that both listings of each pair are in, folded; empty where there is none."""
    names = [one.category.casefold() for one in details]
    return [
        names[i] if names[i] == names[j] else ""
        for i, j in zip(candidates.one.tolist(), candidates.other.tolist(), strict=True)
    ]


def review_from(first: Witnesses, match: float) -> float | None:
    """The lowest score at which pairs below the match threshold are right often enough; None where none are.

    How often they are is a growing function of the score, fitted to the first part.
    """
    below = first.at(first.scores < match)
    if not len(below.scores):
        return None
    fitted = IsotonicRegression().fit(below.scores, below.same.astype(float), below.weights).predict(below.scores)
    enough = below.scores[fitted >= _REVIEW_SHARE]
    return float(np.floor(enough.min() * 10_000) / 10_000) or None if len(enough) else None
