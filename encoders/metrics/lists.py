"""Lists of listings beside the truth: what each listing's list holds, misses and has too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Counts = NDArray[np.int64]


def product_codes(labels: Sequence[str]) -> Places:
    """A number for each listing, the same for those of one product: (n,), from 0 on, in the order of the labels."""
    return np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)[1].astype(np.intp)


@dataclass(frozen=True)
class Entries:
    """What lists hold: each pair of listings stands in the lists of both.

    Args:
        products: (n,) the product of each listing, by code.
        own: (e,) whose list.
        other: (e,) who is in it.
        score: (e,) how similar.
    """

    products: Places
    own: Places
    other: Places
    score: Floats

    @classmethod
    def of_pairs(cls, products: Places, one: Places, other: Places, score: Floats) -> Entries:
        """Of p pairs, each given once, none of a listing with itself."""
        return cls(products, np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([score, score]))

    @cached_property
    def same(self) -> Flags:
        """Whether the two are of one product: (e,)."""
        result: Flags = self.products[self.own] == self.products[self.other]
        return result

    @cached_property
    def others(self) -> Counts:
        """How many others there are of each listing's product: (n,)."""
        return np.bincount(self.products)[self.products].astype(np.int64) - 1

    def at(self, places: Places | Flags) -> Entries:
        """Some of the entries, of the same listings."""
        return Entries(self.products, self.own[places], self.other[places], self.score[places])

    def of_listings(self, listings: Flags) -> Entries:
        """The lists of some listings, whoever is in them."""
        return self.at(listings[self.own])

    def reaching(self, threshold: float) -> Entries:
        """What has at least this score."""
        return self.at(self.score >= threshold)

    def counts(self) -> ListCounts:
        """Count by listing, all entries being matches."""
        size = len(self.products)
        right = np.bincount(self.own[self.same], minlength=size)
        return ListCounts(right, np.bincount(self.own, minlength=size), self.others)


@dataclass(frozen=True, slots=True)
class ListCounts:
    """How right the list of each listing is; the listing itself is not counted here.

    Args:
        right: (n,) how many in its list are of its product.
        found: (n,) how many are in its list.
        true: (n,) how many should be.
    """

    right: Counts
    found: Counts
    true: Counts

    def at(self, listings: Places | Flags) -> ListCounts:
        """Of some listings."""
        return ListCounts(self.right[listings], self.found[listings], self.true[listings])

    @property
    def f1(self) -> Floats:
        """Of each list, the listing itself counted as found and right: (n,) float64.

        Source: the score of the Shopee Price Match Guarantee competition, whose mean over listings it asks for.
        """
        result: Floats = 2 * (self.right + 1.0) / (self.found + self.true + 2.0)
        return result

    @property
    def rates(self) -> Rates:
        """Of all lists together."""
        return Rates(int(self.right.sum()), int(self.found.sum()), int(self.true.sum()))


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision and recall over pairs of listings, counted once for each of the two lists.

    Over all listings that is the same as over pairs. Over some of them, a pair with a listing outside counts
    half, which keeps the share of wrong pairs what it is in the whole catalogue.

    Args:
        right: entries found that are of one product.
        found: entries found.
        true: entries there should be.
    """

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what there should be that was found; 1 when there should be nothing."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there is nothing to find and nothing was found."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0
