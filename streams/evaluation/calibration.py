"""Match thresholds that keep a promised precision on products nobody looked at when they were chosen.

Trying many thresholds and keeping the best would promise too much: one of them is lucky. So products are divided. On
the first part, thresholds are put in two orders of test: from the one that looks safest towards looser ones, and the
same from a stricter one. On the second part they are tested in these orders, and the first failure ends an order; the
loosest that passed is taken. The orders do not depend on the second part, and each has half of the error allowed, so
the chance that any threshold that passed is worse than promised is at most one minus the confidence, however many were
tried (fixed-sequence testing; for thresholds of a model: Angelopoulos et al., 'Learn then Test', arXiv 2110.01052).
Each category's promise holds by itself.

A test is the Clopper-Pearson lower bound of the precision of the lists of the second part's listings, against the whole
catalogue. Pairs between the same two products are right or wrong together, which lowers the number that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from encoders.metrics import Evidence
from encoders.metrics.lists import Flags, Places
from streams.evaluation.comparing import Compared
from streams.evaluation.evidence import Witnesses, categories_of, review_from, witnesses
from streams.learning import LabelledCatalogue, folds

PARTS = 3
"""One for the order, two for the tests: the promise needs more pairs than the order does."""

_STARTS = (1.0, 0.4)
"""Where sequences of tests start: with so many of the pairs that the safest threshold has."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What came out for one category, or for all pairs that no category's threshold is for.

    Args:
        category: empty for those others.
        match: None where the promise can't be made: everything above `review` is then for people.
        review: score from which pairs are for people; None where no band is worth it.
        evidence: of the tests' part at `match`, or at the threshold that seemed safest and failed.
        bound: the lower bound of precision there, with the confidence of one order.
        missing: how many more labelled pairs would be needed; None where no number would do.
    """

    category: str
    match: float | None
    review: float | None
    evidence: Evidence
    bound: float
    missing: int | None = 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Every threshold.

    Args:
        general: for pairs of listings in two categories, in none, or in one with too little evidence of its own.
        categories: those that could be judged alone, and those left to people.
        pooled: the categories that the general threshold is for.
        target: the precision promised.
        confidence: with which.
    """

    general: Threshold
    categories: tuple[Threshold, ...]
    pooled: tuple[str, ...]
    target: float
    confidence: float


def calibrate(
    compared: Compared, catalogue: LabelledCatalogue, target: float, *, confidence: float = 0.95, seed: int = 0
) -> Calibration:
    """Find the lowest match thresholds whose precision is at least `target`.

    Args:
        compared: the rules with scored candidates.
        catalogue: whose they are.
        target: precision of matched pairs, in (0, 1).
        confidence: with which each threshold keeps it.
        seed: of the division of products.
    """
    kept = compared.scores >= 0
    found = compared.candidates.at(kept)
    everything = witnesses(found, compared.scores[kept], catalogue.codes)
    first = folds(catalogue.labels, PARTS, seed) == 0
    names = np.array(categories_of(found, catalogue.details), dtype=str)
    return _Test(target, confidence).find_all(*_divided(everything, found.one, found.other, first), names)


def _divided(everything: Witnesses, one: Places, other: Places, first: Flags) -> tuple[Witnesses, Witnesses]:
    """The pairs within the first part, and the lists of the others; the weights say which is which.

    Both are as long as all the pairs; what is not in a part has no weight. No pair is in both. A smaller catalogue has
    fewer wrong pairs for each right one; those of the first part count as often as the whole would have them.
    """
    inside = (first[one] & first[other]).astype(float)
    crowd = np.where(everything.same, 1.0, 1 / max(float(first.mean()), 1 / len(first)))
    outside = (~first[one]).astype(float) + (~first[other]).astype(float)
    return replace(everything, weights=inside * crowd), replace(everything, weights=outside / 2)


def calibrate_witnesses(
    first: Witnesses, second: Witnesses, names: NDArray[np.str_], target: float, *, confidence: float = 0.95
) -> Calibration:
    """The same from pairs that somebody else divided.

    Args:
        first: what the orders of tests are made from; pairs of the other part have no weight.
        second: what is tested, likewise.
        names: (p,) the category of each pair, folded.
        target: precision of matched pairs, in (0, 1).
        confidence: with which each threshold keeps it.
    """
    return _Test(target, confidence).find_all(first, second, names)


def confidence_of_each(confidence: float = 0.95) -> float:
    """Of each sequence of tests, so that all of them together have the one promised."""
    return 1 - (1 - confidence) / len(_STARTS)


@dataclass(frozen=True, slots=True)
class _Test:
    target: float
    confidence: float

    def find_all(self, first: Witnesses, second: Witnesses, names: NDArray[np.str_]) -> Calibration:
        """The thresholds of the categories that can be judged alone, and of everything else together.

        A category that is not, but whose precision under the common threshold is seen to be below the target, is left
        to people: others' good pairs are no excuse for it.
        """
        own = [name for name in np.unique(names).tolist() if name and self._promising(first.at(names == name))]
        alone = [replace(self.find(first.at(names == one), second.at(names == one)), category=one) for one in own]
        others = ~np.isin(names, own)
        general = self.find(first.at(others), second.at(others))
        pooled = sorted(set(names[others].tolist()) - {""})
        poor = [
            found
            for name in (pooled if general.match is not None else ())
            if (found := self._poor(name, first.at(names == name), second.at(names == name), general.match or 0.0))
        ]
        left = tuple(name for name in pooled if name not in {one.category for one in poor})
        each = tuple(sorted([*alone, *poor], key=lambda one: one.category))
        return Calibration(general, each, left, self.target, self.confidence)

    def find(self, first: Witnesses, second: Witnesses) -> Threshold:
        """The loosest threshold that the second part lets pass, in an order of the first."""
        first, second = first.at(first.weights > 0), second.at(second.weights > 0)
        tried = [self._pass(start, second) for start in self._orders(first)]
        passed = [(threshold, evidence) for threshold, evidence in tried if threshold is not None]
        if not passed:
            return self._abstained(first, tried[0][1] if tried else Evidence(0.0, 0.0, 0.0))
        match, evidence = min(passed, key=itemgetter(0))
        return Threshold("", match, review_from(first, match), evidence, evidence.lower_bound(self._each))

    @property
    def _each(self) -> float:
        return confidence_of_each(self.confidence)

    def _pass(self, order: Sequence[float], second: Witnesses) -> tuple[float | None, Evidence]:
        """The last threshold before the first failure; or None, with the evidence of that failure."""
        last: tuple[float | None, Evidence] | None = None
        for threshold in order:
            evidence = second.reaching(threshold)
            if evidence.lower_bound(self._each) < self.target:
                return last or (None, evidence)
            last = threshold, evidence
        return last or (None, Evidence(0.0, 0.0, 0.0))

    def _abstained(self, first: Witnesses, failed: Evidence) -> Threshold:
        bound, missing = failed.lower_bound(self._each), failed.missing(self.target, self._each)
        return Threshold("", None, review_from(first, np.inf), failed, bound, missing)

    def _promising(self, first: Witnesses) -> bool:
        """Whether some threshold would pass if the second part were like the first, but larger; and not just so."""
        some, sure = first.at(first.weights > 0), 1 - (1 - self.confidence) / 10
        return any(_expected(some.reaching(one), sure) >= self.target for one in some.steps())

    def _poor(self, name: str, first: Witnesses, second: Witnesses, match: float) -> Threshold | None:
        """What becomes of a category that is surely less precise than promised; None if it may be as good."""
        evidence = second.at(second.weights > 0).reaching(match)
        if evidence.upper_bound(self.confidence) >= self.target:
            return None
        return replace(self._abstained(first.at(first.weights > 0), evidence), category=name)

    def _orders(self, first: Witnesses) -> list[list[float]]:
        """From the threshold that looks safest, the loosest of equals, towards looser ones; and from stricter ones.

        Where a part has few wrong pairs, what looks safest in it may be too loose; a stricter start may pass then.
        """
        steps = first.steps()
        if not steps:
            return []
        bounds = [_expected(first.reaching(one), self._each) for one in steps]
        safest = len(bounds) - 1 - int(np.argmax(bounds[::-1]))
        pairs = np.array([float((first.scores >= one).sum()) for one in steps])
        starts = [int(np.argmax(pairs >= share * pairs[safest])) for share in _STARTS]
        return [steps[start:] for start in starts]


def _expected(first: Evidence, confidence: float) -> float:
    """The lower bound if the second part is like the first, but larger."""
    times = PARTS - 1
    more = Evidence(first.right * times, first.total * times, first.effective * times)
    return more.lower_bound(confidence)
