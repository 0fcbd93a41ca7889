"""Rows of numbers that float16 holds exactly: half the bytes wherever they travel, and the same bits everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from encoders.types import Row, SparseRow

Numbers = Literal["float32", "float16"]
"""Which numbers rows are made of; they are float32 arrays either way."""


def rounding_to(numbers: Numbers) -> Callable[[Row], Row]:
    """What a row passes when it is made, and once more when it is made of several."""
    return to_float16 if numbers == "float16" else _as_it_is


def to_float16(row: Row) -> Row:
    """Each number as the nearest one that float16 holds; the length stays 1 within 1e-3. Twice is as once."""
    if not isinstance(row, SparseRow):
        return row.astype(np.float16).astype(np.float32)
    values = row.values.astype(np.float16).astype(np.float32)
    if values.all():
        return SparseRow(row.indices, values)
    return SparseRow(row.indices[values != 0], values[values != 0])


def _as_it_is(row: Row) -> Row:
    return row
