"""How much two bundles agree on who is near whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.matching.rows import DenseRows, Rows, SparseRows

NEAREST = 10

_BLOCK = 512
"""Rows whose similarities to all others are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much the nearest by one encoder are those by another.

    Args:
        listings: that both encoders have rows of.
        shared: mean over them of the share of the nearest that both name.
        same_nearest: share of them whose nearest is the same.
    """

    listings: int
    shared: float
    same_nearest: float


def overlaps(
    first: Mapping[str, Embedding], second: Mapping[str, Embedding], count: int = NEAREST
) -> dict[Modality, Overlap]:
    """The overlap in each modality that both have; `count` nearest others are looked at, and fewer where few are."""
    found = {}
    for modality in Modality:
        ids = [one for one in first if modality in first[one] and modality in second.get(one, {})]
        if len(ids) > 1:
            sides = ([side[one][modality] for one in ids] for side in (first, second))
            found[modality] = _overlap(*(_nearest(rows, count) for rows in sides))
    return found


def sample_of(listing_ids: Iterable[str], count: int) -> list[str]:
    """So many of them, the same whatever their order."""
    return sorted(listing_ids, key=lambda one: blake2b(one.encode("utf-8", "surrogatepass")).digest())[:count]


def _overlap(first: Sequence[NDArray[np.intp]], second: Sequence[NDArray[np.intp]]) -> Overlap:
    pairs = [(one, other) for one, other in zip(first, second, strict=True) if len(one) or len(other)]
    shared = [len(np.intersect1d(one, other)) / max(len(one), len(other)) for one, other in pairs]
    same = [one[:1].tolist() == other[:1].tolist() for one, other in pairs]
    return Overlap(len(first), float(np.mean(shared or [1.0])), float(np.mean(same or [1.0])))


def _nearest(rows: Sequence[Row], count: int) -> list[NDArray[np.intp]]:
    """Places of the nearest others of each row, the nearest first; of sparse rows only those that share anything."""
    stacked, least = _stacked(rows)
    found = []
    for start in range(0, len(rows), _BLOCK):
        part = stacked.part(start, start + _BLOCK).products(stacked)
        part[np.arange(len(part)), start + np.arange(len(part))] = -np.inf
        for similarities in part:
            order = np.argsort(-similarities, kind="stable")[: min(count, len(rows) - 1)]
            found.append(order[similarities[order] > least])
    return found


def _stacked(rows: Sequence[Row]) -> tuple[Rows, float]:
    """The rows as one, and the similarity that says nothing."""
    sparse = [row for row in rows if isinstance(row, SparseRow)]
    if sparse:
        return SparseRows.of(sparse), 0.0
    dense = [row for row in rows if not isinstance(row, SparseRow)]
    return DenseRows.of(dense, len(dense[0])), -np.inf
