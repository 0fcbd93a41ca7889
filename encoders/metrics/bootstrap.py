"""Bootstrap over products: how much a figure would move with other products of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Floats, Places

Statistic = Callable[[Floats], Floats]
"""From sums over listings, (…, s), to a figure each, (…)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it lies with the confidence asked for."""

    estimate: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether zero lies outside: for a difference, that there is one."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Resamples:
    """Products drawn with replacement, all listings of a product together; the same draws for every figure.

    What is compared under the same draws is compared in pairs: give the sums of both, side by side.

    Args:
        products: (n,) the product of each listing, by code.
        number: how often to draw.
        seed: of the draws.
    """

    products: Places
    number: int = 1000
    seed: int = 0

    def weights(self) -> Iterator[Floats]:
        """How often each product was drawn, (g,), draw by draw."""
        size = int(self.products.max(initial=-1)) + 1
        random = np.random.default_rng(self.seed)
        for _ in range(self.number):
            yield np.bincount(random.integers(0, size, size), minlength=size).astype(np.float64)

    def interval(self, values: Floats, statistic: Statistic, confidence: float = 0.95) -> Interval:
        """Percentile interval of a figure of sums.

        Args:
            values: (n, s) of each listing.
            statistic: what is made of their sums, (…, s).
            confidence: how much of the draws the interval holds.
        """
        sums = np.stack([np.bincount(self.products, weights=column) for column in values.T], axis=1)
        drawn = statistic(np.stack([weights @ sums for weights in self.weights()]))
        return percentiles(float(statistic(sums.sum(axis=0))), drawn, confidence)


def percentiles(estimate: float, drawn: Floats, confidence: float = 0.95) -> Interval:
    """The interval that holds the middle of the draws."""
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high))
