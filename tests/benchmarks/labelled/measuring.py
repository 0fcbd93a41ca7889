"""Precision, recall and F1 over labelled pairs, and how sure they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from benchmarks.labelled.records import Flags, Labelled

from encoders.metrics import Interval, Resamples
from streams.matching.rows import Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found of labelled pairs.

    Args:
        precision: share of the found that are the same product.
        recall: share of the same products that were found.
        f1: with its 95% interval.
        gain: of F1 over that of another way under the same draws; None without one.
    """

    precision: float
    recall: float
    f1: Interval
    gain: Interval | None = None

    def to_json(self) -> dict:
        """Rounded."""
        gain = {} if self.gain is None else {"gain": _rounded(self.gain)}
        shares = {"precision": round(self.precision, 4), "recall": round(self.recall, 4)}
        return {**shares, "f1": _rounded(self.f1), **gain}


def measure(labelled: Labelled, found: Flags, against: Flags | None = None) -> Figures:
    """Measure what was found.

    Intervals are by a bootstrap over groups: records that labels connect, with all pairs of the left ones of them.

    Args:
        labelled: p pairs.
        found: (p,) which were matched.
        against: (p,) which were matched another way.
    """
    right, same = found & labelled.same, labelled.same
    groups = np.unique(labelled.groups[labelled.own], return_inverse=True)[1].astype(np.intp)
    draws = Resamples(groups)
    sums = np.stack([right, found, same], axis=1).astype(np.float64)
    gain = None
    if against is not None:
        other = np.stack([against & same, against], axis=1).astype(np.float64)
        gain = draws.interval(np.hstack([sums, other]), _gain)
    precision, recall = right.sum() / max(found.sum(), 1), right.sum() / max(same.sum(), 1)
    return Figures(float(precision), float(recall), draws.interval(sums, _f1), gain)


def _f1(sums: Floats) -> Floats:
    right, found, same = sums[..., 0], sums[..., 1], sums[..., 2]
    return 2 * right / np.maximum(found + same, 1)


def _gain(sums: Floats) -> Floats:
    """Of the first three sums over the last two, with the same true pairs."""
    return _f1(sums) - _f1(sums[..., [3, 4, 2]])


def _rounded(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(interval).items()}
