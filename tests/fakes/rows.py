"""Rows for tests, and their comparison bit for bit."""

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Row, SparseRow


def dense(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def axis(size: int, place: int) -> NDArray[np.float32]:
    return np.eye(size, dtype=np.float32)[place]


def sparse(entries: dict[int, float]) -> SparseRow:
    places = sorted(entries)
    return SparseRow(np.array(places, np.uint32), np.array([entries[place] for place in places], np.float32))


def random_dense(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    row = rng.normal(size=size).astype(np.float32)
    return (row / np.linalg.norm(row)).astype(np.float32)


def random_sparse(rng: np.random.Generator, highest: int = 40, entries: int = 6) -> SparseRow:
    places = np.sort(rng.choice(highest, entries, replace=False)).astype(np.uint32)
    values = rng.random(entries).astype(np.float32) + np.float32(0.1)
    return SparseRow(places, (values / np.linalg.norm(values)).astype(np.float32))


def bits(embedding: Embedding) -> dict[str, tuple[bytes, ...]]:
    """Everything in an embedding, as it compares bit for bit."""
    return {modality.value: _row_bits(row) for modality, row in embedding.items()}


def _row_bits(row: Row) -> tuple[bytes, ...]:
    if isinstance(row, SparseRow):
        assert row.indices.dtype == np.uint32
        assert row.values.dtype == np.float32
        return (row.indices.tobytes(), row.values.tobytes())
    assert row.dtype == np.float32
    return (row.tobytes(),)
