"""Which listings make a batch, decided by a seed and the number of the epoch alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from encoders.training.looping.seeds import seed_of

_SORTED_TOGETHER = 16
"""Batches that are made of one sorted part of an epoch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some listings, and what decides how they are augmented.

    Args:
        places: of listings among the examples.
        seed: of this batch.
    """

    places: tuple[int, ...]
    seed: int

    @property
    def seeds(self) -> list[int]:
        """One for each listing."""
        return [seed_of(self.seed, number) for number in range(len(self.places))]


def shuffled(lengths: Sequence[int], batch: int, seed: int) -> list[Batch]:
    """Every listing once, in batches of about one size whose listings are of about one length.

    Titles are padded to the longest of their batch, so that batches of any lengths take up to twice the time. What is
    sorted is only a part of the epoch that holds some batches, so that the same listings do not meet each time.

    Args:
        lengths: of the contents of each listing.
        batch: listings in each, at most; 3 where 2 would leave one alone.
        seed: of this epoch.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths)).tolist()
    together = [
        places
        for part in _evenly(order, ceil(len(order) / (batch * _SORTED_TOGETHER)))
        for places in _evenly(sorted(part, key=lambda place: lengths[place]), ceil(len(part) / batch))
    ]
    return [_batch(together[i], seed, number) for number, i in enumerate(rng.permutation(len(together)).tolist())]


@dataclass(frozen=True, slots=True)
class ByProduct:
    """Batches of several listings of each of some products.

    Args:
        codes: (n,) the product of each listing.
        groups: (n,) what is hard to tell apart shares one, as its category.
        products: in a batch.
        listings: of each product, at most.
        hard: share of the batches whose products are of one group, or of few where groups are small.
        alone: whether products with one listing take part.
    """

    codes: NDArray[np.int64]
    groups: NDArray[np.int64]
    products: int
    listings: int
    hard: float = 0.5
    alone: bool = False

    def batches(self, seed: int) -> list[Batch]:
        """Every product that takes part, as often as it takes to come by as many listings as there are."""
        rng = np.random.default_rng(seed)
        members = _members(self.codes)
        several = [code for code, places in enumerate(members) if len(places) > (0 if self.alone else 1)]
        within = {code: int(self.groups[members[code][0]]) for code in several}
        chosen: list[Sequence[int]] = []
        for _ in range(max(round(len(self.codes) / (len(several) * self.listings)), 1) if several else 0):
            chunks = _chunks(_hard_order(several, within, rng), self.products)
            easy = _chunks([several[i] for i in rng.permutation(len(several)).tolist()], self.products)
            chosen += [chunks[i] if rng.random() < self.hard else easy[i] for i in rng.permutation(len(easy)).tolist()]
        return [_batch(self._places(codes, members, rng), seed, number) for number, codes in enumerate(chosen)]

    def _places(self, codes: Sequence[int], members: Sequence[Sequence[int]], rng: np.random.Generator) -> list[int]:
        picked = (rng.permutation(len(members[code]))[: self.listings] for code in codes)
        return [members[code][i] for code, some in zip(codes, picked, strict=True) for i in some.tolist()]


def _batch(places: Sequence[int], seed: int, number: int) -> Batch:
    return Batch(tuple(places), seed_of(seed, number))


def _members(codes: NDArray[np.int64]) -> list[list[int]]:
    members: list[list[int]] = [[] for _ in range(int(codes.max(initial=-1)) + 1)]
    for place, code in enumerate(codes.tolist()):
        members[code].append(place)
    return members


def _hard_order(codes: Sequence[int], groups: dict[int, int], rng: np.random.Generator) -> list[int]:
    """Shuffled, but those of one group side by side."""
    turn = {group: i for i, group in enumerate(rng.permutation(sorted(set(groups.values()))).tolist())}
    order = rng.permutation(len(codes)).tolist()
    return [codes[i] for i in sorted(order, key=lambda i: turn[groups[codes[i]]])]


def _chunks(codes: Sequence[int], size: int) -> list[Sequence[int]]:
    return _evenly(codes, round(len(codes) / size))


def _evenly(items: Sequence[int], parts: int) -> list[Sequence[int]]:
    """So many parts, or fewer: each has two items at least, as there is nothing to tell one apart from."""
    parts = max(min(parts, len(items) // 2), 1)
    return [part.tolist() for part in np.array_split(np.asarray(items, dtype=np.int64), parts)]
