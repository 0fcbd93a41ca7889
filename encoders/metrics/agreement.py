"""Groups beside products: B-cubed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Flags, Places


@dataclass(frozen=True, slots=True)
class Agreement:
    """How groups and products agree.

    Args:
        precision: mean over listings of the share of their group that is of their product.
        recall: mean over listings of the share of their product that is in their group.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def b_cubed(groups: Places, products: Places, listings: Flags | None = None) -> Agreement:
    """Compare each listing's group with its product, itself included in both.

    Source: Bagga and Baldwin, 'Entity-Based Cross-Document Coreferencing Using the Vector Space Model', 1998.

    Args:
        groups: (n,) what each listing was put into, by code.
        products: (n,) what it belongs to, by code.
        listings: (n,) who counts; None takes all.
    """
    if not len(groups):
        return Agreement(1.0, 1.0)
    both = groups.astype(np.int64) * (int(products.max()) + 1) + products
    cells, which = np.unique(both, return_inverse=True)
    shared = np.bincount(which, minlength=len(cells))[which]
    chosen = slice(None) if listings is None else listings
    precision = (shared / np.bincount(groups)[groups])[chosen]
    recall = (shared / np.bincount(products)[products])[chosen]
    return Agreement(float(precision.mean()), float(recall.mean())) if len(precision) else Agreement(1.0, 1.0)
