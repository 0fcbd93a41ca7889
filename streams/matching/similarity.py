"""Similarities between listings, many at a time, the same in the stream and in the reference.

Everything is summed in float64 over the float32 rows and rounded to six decimals, so that the order
of summation can't tip a decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.matching.policy import Combination, Policy
from streams.matching.rows import DenseRows, Floats, Rows, SparseRows

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of some listings in each modality.

    Args:
        listing_ids: n of them, in the order of the rows.
        rows: per modality that any of them has.
        present: per modality, (n,) bool: who has it.
    """

    listing_ids: tuple[str, ...]
    rows: Mapping[Modality, Rows]
    present: Mapping[Modality, NDArray[np.bool_]]

    @classmethod
    def of(cls, embeddings: Mapping[str, Embedding]) -> Table:
        """Build it, in the order of `embeddings`."""
        each = list(embeddings.values())
        modalities = [m for m in Modality if any(m in one for one in each)]
        return cls(
            tuple(embeddings),
            {m: _rows([one.get(m) for one in each]) for m in modalities},
            {m: np.array([m in one for one in each]) for m in modalities},
        )

    def part(self, start: int, stop: int) -> Table:
        """The listings from `start` to before `stop`."""
        return Table(
            self.listing_ids[start:stop],
            {m: rows.part(start, stop) for m, rows in self.rows.items()},
            {m: present[start:stop] for m, present in self.present.items()},
        )


@dataclass(frozen=True, slots=True)
class Similarities:
    """How similar each of q listings is to each of n.

    Args:
        combined: (q, n) float64; -1 where the two have no modality in common.
        single: per modality (q, n) float64 cosines; NaN where one of the two lacks it.
    """

    combined: Floats
    single: Mapping[Modality, Floats]


def similarities(queries: Table, gallery: Table, policy: Policy) -> Similarities:
    """Compare every listing of one table with every listing of another."""
    single = {m: _cosines(queries, gallery, m) for m in queries.rows if m in gallery.rows}
    shape = len(queries.listing_ids), len(gallery.listing_ids)
    return Similarities(combine(single, policy, shape), single)


def combine(single: Mapping[Modality, Floats], policy: Policy, shape: tuple[int, ...]) -> Floats:
    """One similarity from those of the modalities: (…) float64, -1 where there is none."""
    counted = [m for m in policy.weights if m in single]
    worth = [policy.calibrations[m].of(single[m]) if m in policy.calibrations else single[m] for m in counted]
    if policy.combination is Combination.PRODUCT:
        return _product_of_distances(worth, shape)
    return _weighted_mean(worth, [policy.weights[m] for m in counted], shape)


def sure(single: Mapping[Modality, Floats], policy: Policy, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where one modality reaches its sure threshold: (…) bool."""
    result = np.zeros(shape, dtype=bool)
    for modality, threshold in policy.sure_thresholds.items():
        if modality in single:
            result |= single[modality] >= threshold
    return result


def _weighted_mean(parts: Sequence[Floats], weights: Sequence[float], shape: tuple[int, ...]) -> Floats:
    total, weight = np.zeros(shape), np.zeros(shape)
    for part, w in zip(parts, weights, strict=True):
        there = ~np.isnan(part)
        total += np.where(there, w * part, 0.0)
        weight += w * there
    mean: Floats = np.divide(total, weight, out=np.full(shape, -1.0), where=weight > 0)
    return np.round(mean, DECIMALS)


def _product_of_distances(parts: Sequence[Floats], shape: tuple[int, ...]) -> Floats:
    """Source: the public ResNet18 + BERT recipe, 1 - S = product of (1 - s), clipped to [0, 1]."""
    distance, seen = np.ones(shape), np.zeros(shape, dtype=bool)
    for part in parts:
        there = ~np.isnan(part)
        distance *= np.where(there, 1 - np.clip(np.nan_to_num(part), 0, 1), 1.0)
        seen |= there
    return np.where(seen, np.round(1 - distance, DECIMALS), -1.0)


def _cosines(queries: Table, gallery: Table, modality: Modality) -> Floats:
    products = queries.rows[modality].products(gallery.rows[modality])
    both = queries.present[modality][:, None] & gallery.present[modality][None, :]
    # rows of float16 numbers are not of unit length to the sixth decimal
    cosines = np.clip(np.round(products, DECIMALS), -1.0, 1.0)
    result: Floats = np.where(both, cosines, np.nan)
    return result


def _rows(rows: Sequence[Row | None]) -> Rows:
    first = next(row for row in rows if row is not None)
    if isinstance(first, SparseRow):
        return SparseRows.of([row for row in rows if row is None or isinstance(row, SparseRow)])
    return DenseRows.of(rows, first.shape[0])
