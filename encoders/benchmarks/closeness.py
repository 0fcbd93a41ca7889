"""How near rows of one way are to those of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

NEIGHBORS: Final = 10


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near they are.

    Args:
        least: cosine of a row of one way to the same item's of the other.
        mean: of all of them.
        kept: share of each row's ten nearest neighbors that are so in the other way, too; None among too few.
    """

    least: float
    mean: float
    kept: float | None


def closeness(rows: NDArray[np.float32], wanted: NDArray[np.float32]) -> Closeness:
    """Of rows to those of the same items in the same order; only as many as there are of the first."""
    wanted = wanted[: len(rows)]
    cosines = np.einsum("nd,nd->n", rows.astype(np.float64), wanted.astype(np.float64))
    kept = None
    if len(rows) > 2 * NEIGHBORS:
        shared = (len(set(a) & set(b)) for a, b in zip(_nearest(rows), _nearest(wanted), strict=True))
        kept = sum(shared) / (NEIGHBORS * len(rows))
    return Closeness(float(cosines.min()), float(cosines.mean()), kept)


def _nearest(rows: NDArray[np.float32]) -> list[list[int]]:
    cosines = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    nearest: list[list[int]] = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBORS].tolist()
    return nearest
