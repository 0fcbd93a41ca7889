"""Rows of many listings in one modality, and their products in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from encoders.types import Row, SparseRow

Floats = NDArray[np.float64]


class Rows(Protocol):
    """n rows; those of listings that lack the modality are zero."""

    def part(self, start: int, stop: int) -> Self:
        """The rows from `start` to before `stop`."""

    def products(self, others: Self) -> Floats:
        """The dot product of each row with each of the others: (n, m)."""


@dataclass(frozen=True, slots=True)
class DenseRows:
    """Dense rows, (n, d) float64."""

    matrix: Floats

    @classmethod
    def of(cls, rows: Sequence[Row | None], size: int) -> DenseRows:
        """Stack rows of `size` numbers."""
        blank = np.zeros(size)
        return cls(np.stack([blank if row is None else np.asarray(row, dtype=np.float64) for row in rows]))

    def part(self, start: int, stop: int) -> DenseRows:
        """The rows from `start` to before `stop`."""
        return DenseRows(self.matrix[start:stop])

    def products(self, others: DenseRows) -> Floats:
        """The dot product of each row with each of the others: (n, m)."""
        result: Floats = self.matrix @ others.matrix.T
        return result


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Sparse rows over the hashed buckets that any of them uses.

    Args:
        buckets: (v,) uint32, strictly growing: what each column stands for.
        matrix: (n, v) float64.
    """

    buckets: NDArray[np.uint32]
    matrix: csr_array

    @classmethod
    def of(cls, rows: Sequence[SparseRow | None]) -> SparseRows:
        """Stack rows."""
        none = np.empty(0, np.uint32)
        indices = np.concatenate([none, *(none if row is None else row.indices for row in rows)])
        values = np.concatenate([none, *(none if row is None else row.values for row in rows)]).astype(np.float64)
        lengths = [0 if row is None else len(row.indices) for row in rows]
        buckets, columns = np.unique(indices, return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return cls(buckets, csr_array((values, columns, starts), shape=(len(rows), max(len(buckets), 1))))

    def part(self, start: int, stop: int) -> SparseRows:
        """The rows from `start` to before `stop`."""
        return SparseRows(self.buckets, self.matrix[start:stop])

    def products(self, others: SparseRows) -> Floats:
        """The dot product of each row with each of the others: (n, m)."""
        if not len(others.buckets) or not len(self.buckets):
            return np.zeros((self.matrix.shape[0], others.matrix.shape[0]))
        result: Floats = (self._in_columns_of(others) @ others.matrix.T).toarray()
        return result

    def _in_columns_of(self, others: SparseRows) -> csr_array:
        """The same rows over the others' buckets; what the others do not use adds nothing to a product."""
        places = np.searchsorted(others.buckets, self.buckets).clip(max=len(others.buckets) - 1)
        shared = others.buckets[places] == self.buckets
        values = np.where(shared[self.matrix.indices], self.matrix.data, 0.0)
        shape = (self.matrix.shape[0], others.matrix.shape[1])
        return csr_array((values, places[self.matrix.indices], self.matrix.indptr), shape=shape)
