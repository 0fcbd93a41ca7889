"""How two variations differ, and whether other products would show it too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from encoders.metrics import Entries, Interval, Resamples
from encoders.metrics.bootstrap import percentiles
from encoders.metrics.lists import Floats, Places
from streams.evaluation.measuring import Row

_DRAWS = 1000
_CURVES = 200
"""Draws where each costs a whole precision-recall curve."""


def difference(one: Row, other: Row, products: Places) -> Mapping[str, Interval]:
    """`one` less `other` on the same products, with 95% intervals from drawing products anew.

    Thresholds stay as they were chosen; what moves is which products they are tried on.
    """
    resamples = Resamples(products, _DRAWS)
    columns = [part for row in (one, other) for part in (row.counts.f1, row.counts.right, row.counts.found)]
    sums: Floats = np.stack([*columns, one.counts.true, np.ones(len(products))], axis=1).astype(np.float64)
    return {
        "mean_f1": resamples.interval(sums, lambda s: (s[..., 0] - s[..., 3]) / s[..., 7]),
        "f1": resamples.interval(sums, lambda s: _f1(s[..., [1, 2, 6]]) - _f1(s[..., [4, 5, 6]])),
    }


def difference_at_precision(one: Row, other: Row, products: Places) -> tuple[float, Interval]:
    """The precision that `other` has, and how much more recall `one` has at that precision.

    Both recalls are read off the whole precision-recall curve of the row, draw by draw, for pairs of listings.
    """
    precision = other.counts.rates.precision
    curves = [_Curve(row, products) for row in (one, other)]
    everyone = np.ones(int(products.max()) + 1)
    estimate = curves[0].recall(everyone, precision) - curves[1].recall(everyone, precision)
    draws = Resamples(products, _CURVES).weights()
    drawn = [curves[0].recall(weights, precision) - curves[1].recall(weights, precision) for weights in draws]
    return precision, percentiles(estimate, np.array(drawn))


def _f1(sums: Floats) -> Floats:
    """Of right, found and true."""
    right, found, true = np.moveaxis(sums, -1, 0)
    result: Floats = np.divide(2 * right, found + true, out=np.ones_like(right), where=found + true > 0)
    return result


class _Curve:
    """A precision-recall curve that can be drawn again for other weights of the products."""

    def __init__(self, row: Row, products: Places) -> None:
        found = row.compared.candidates
        entries = Entries.of_pairs(products, found.one, found.other, row.compared.scores)
        some = entries.at(np.flatnonzero(entries.score >= 0)[np.argsort(-entries.score[entries.score >= 0])])
        self._owners, self._same = products[some.own], some.same
        self._last: Places = np.flatnonzero(np.diff(some.score, append=-np.inf))
        self._true = np.bincount(products, weights=entries.others)

    def recall(self, weights: Floats, precision: float) -> float:
        """The highest of at least this precision, with each product counted so often: (g,)."""
        entries = weights[self._owners]
        right, found = (np.cumsum(part)[self._last] for part in (entries * self._same, entries))
        enough = right[right >= precision * found]
        true = float(weights @ self._true)
        return float(enough.max(initial=0.0)) / true if true else 0.0
