"""A listing's own words and what a model says of its photo, in one row."""

from __future__ import annotations

import numpy as np

from encoders.types import Row, SparseRow


def mixed(own: Row | None, generated: Row | None, share: float) -> Row | None:
    """The sum of both, the generated one taken `share` times, brought to unit length; the one there is of one."""
    if own is None or generated is None:
        return generated if own is None else own
    if isinstance(own, SparseRow) and isinstance(generated, SparseRow):
        return _sparse_sum(own, generated, share)
    total = np.asarray(own, np.float64) + share * np.asarray(generated, np.float64)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else own


def _sparse_sum(own: SparseRow, generated: SparseRow, share: float) -> SparseRow:
    indices = np.union1d(own.indices, generated.indices).astype(np.uint32)
    total = np.zeros(len(indices))
    total[np.searchsorted(indices, own.indices)] += own.values
    total[np.searchsorted(indices, generated.indices)] += share * generated.values
    return SparseRow(indices, (total / np.linalg.norm(total)).astype(np.float32))
