"""Dice that fall the same way every time: what everything generated is decided by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Dice:
    """Random decisions that a few whole numbers determine."""

    def __init__(self, *seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, low: float, high: float) -> float:
        """A number between the two."""
        return float(self._rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """Whether something happens that happens with that probability."""
        return bool(self._rng.random() < probability)

    def count(self, fewest: int, most: int) -> int:
        """A whole number from `fewest` to `most`."""
        return int(self._rng.integers(fewest, most + 1))

    def seed(self) -> int:
        """A seed for dice of their own."""
        return self.count(0, 2**31 - 1)

    def pick(self, *options: T) -> T:
        """One of the options."""
        return self.one_of(options)

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as another."""
        return options[self.count(0, len(options) - 1)]

    def weighted(self, weights: Sequence[float]) -> int:
        """A place in `weights`, as likely as its weight; they add up to 1."""
        return int(self._rng.choice(len(weights), p=weights))

    def shuffled(self, options: Iterable[T]) -> list[T]:
        """The options in another order."""
        ordered = list(options)
        return [ordered[place] for place in self._rng.permutation(len(ordered)).tolist()]

    def normal(self, mean: float, spread: float) -> float:
        """A number near the mean."""
        return float(self._rng.normal(mean, spread))

    def noise(self, *shape: int) -> NDArray[np.float32]:
        """Standard normal numbers."""
        return self._rng.standard_normal(shape, dtype=np.float32)
