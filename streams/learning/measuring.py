"""How good scores are on products that chose no threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics import Entries, sweep
from streams.learning.candidates import Candidates
from streams.matching.pairs import Places
from streams.matching.rows import Floats

_WORTH_A_LOOK = 0.25
"""How precise pairs have to be that people are asked about."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean F1 of lists, each listing itself included.

    Args:
        mean_f1: over all folds, each under the threshold that is best on the others.
        spread: standard deviation over the folds.
        threshold: the best on all together.
    """

    mean_f1: float
    spread: float
    threshold: float


def measure(candidates: Candidates, scores: Floats, codes: Places, folds: Places) -> Figure:
    """Measure scores of candidates.

    Args:
        candidates: p pairs of n listings.
        scores: (p,) from 0 on; a negative one is never matched.
        codes: (n,) the product of each listing.
        folds: (n,) which fold each is in; no product is in two.
    """
    entries = Entries.of_pairs(codes, candidates.one, candidates.other, scores)
    found, sizes = [], []
    for fold in np.unique(folds).tolist():
        inside = folds == fold
        swept = sweep(entries, ~inside)
        threshold = swept.best(swept.mean_f1)
        found.append(float(entries.reaching(threshold).counts().f1[inside].mean()))
        sizes.append(int(inside.sum()))
    whole = sweep(entries)
    return Figure(float(np.average(found, weights=sizes)), float(np.std(found)), whole.best(whole.mean_f1))


def review_from(candidates: Candidates, scores: Floats, codes: Places, match: float) -> float | None:
    """The score from which pairs that do not match are worth a person's look: one in four is right; None if none is."""
    below = np.flatnonzero((scores > 0) & (scores < match))
    least = least_precise_enough(candidates.at(below), scores[below], codes, _WORTH_A_LOOK) if len(below) else 1.0
    return round(least, 4) if least < match else None


def least_precise_enough(candidates: Candidates, scores: Floats, codes: Places, precision: float) -> float:
    """The lowest score from which on pairs are that precise; 1 where none is."""
    swept = sweep(Entries.of_pairs(codes, candidates.one, candidates.other, scores))
    enough = np.flatnonzero(swept.precision >= precision)
    return float(swept.thresholds[enough[-1]]) if len(enough) else 1.0
