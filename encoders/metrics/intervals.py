"""How sure a share is: Clopper-Pearson bounds, also where what was counted is not independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from encoders.metrics.lists import Flags, Floats, Places

_MOST = 10_000_000


def clopper_pearson(right: float, total: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact bounds of a share, each of which holds with `confidence` by itself (one-sided).

    Source: Clopper and Pearson, 'The use of confidence or fiducial limits', Biometrika 26, 1934. Counts need not be
    whole, so that effective ones can be given.
    """
    if total <= 0:
        return 0.0, 1.0
    low = float(betaincinv(right, total - right + 1, 1 - confidence)) if right > 0 else 0.0
    high = float(betaincinv(right + 1, total - right, confidence)) if right < total else 1.0
    return low, high


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pairs that were looked at, and for how many independent ones they stand.

    Args:
        right: weight of the right ones.
        total: weight of all.
        effective: number of independent pairs that would be as telling; at most `total`.
    """

    right: float
    total: float
    effective: float

    @classmethod
    def of(cls, same: Flags, clusters: Places, weights: Floats) -> Evidence:
        """Of p pairs: those of one cluster are right or wrong together, so ten of them are no ten witnesses.

        Source: Korn and Graubard, 'Confidence intervals for proportions with small expected number of positive
        counts estimated from survey data', Survey Methodology 24, 1998: the design effect divides the count.

        Args:
            same: (p,) which are right.
            clusters: (p,) which belong together, by code: the pairs between the same two products.
            weights: (p,) how much each counts.
        """
        right, total = float(weights[same].sum()), float(weights.sum())
        share = right / total if total else 0.0
        if not 0 < share < 1:
            # the design effect is seen in what is wrong; where nothing is, each cluster is one witness
            return cls(right, total, min(total, float(len(np.unique(clusters[weights > 0])))))
        residuals = np.bincount(clusters, weights=weights * (same - share))
        return cls(right, total, total / max(1.0, float(np.sum(residuals**2)) / (total * share * (1 - share))))

    @property
    def share(self) -> float:
        """Of the right ones; 0 where there is no pair."""
        return self.right / self.total if self.total else 0.0

    def lower_bound(self, confidence: float = 0.95) -> float:
        """Below which the true share lies only with one minus `confidence`."""
        return clopper_pearson(self.share * self.effective, self.effective, confidence)[0]

    def upper_bound(self, confidence: float = 0.95) -> float:
        """Above which the true share lies only with one minus `confidence`."""
        return clopper_pearson(self.share * self.effective, self.effective, confidence)[1]

    def missing(self, target: float, confidence: float = 0.95) -> int | None:
        """How many more pairs as good as these would lift the lower bound to the target; None where none would."""
        if self.total and self.share <= target:
            return None
        needed = pairs_needed(target, self.share if self.total else 1.0, confidence)
        factor = self.total / self.effective if self.effective else 1.0
        return None if needed is None else max(0, int(np.ceil((needed - self.effective) * factor)))


def pairs_needed(target: float, share: float = 1.0, confidence: float = 0.95) -> int | None:
    """The least number of independent pairs, so many of them right, whose lower bound reaches the target.

    None where it is beyond ten million: the share is too near the target.
    """
    enough, too_few = 1, 0
    while clopper_pearson(share * enough, enough, confidence)[0] < target:
        enough, too_few = 2 * enough, enough
        if enough > _MOST:
            return None
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        reached = clopper_pearson(share * middle, middle, confidence)[0] >= target
        enough, too_few = (middle, too_few) if reached else (enough, middle)
    return enough
