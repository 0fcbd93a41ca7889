"""The products that matched pairs make, as group codes of listings."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from encoders.metrics.lists import Flags, Places


def groups_of(size: int, one: Places, other: Places, strong: Flags, limit: int) -> Places:
    """Connected listings, guarded against weak bridges: (n,) group codes.

    An edge counts if it is strong, or if its two ends share another match. Where a group is larger than `limit`
    only its strong edges count, and what is then still larger is left as single listings.

    Args:
        size: n, how many listings.
        one: (p,) one end of each match.
        other: (p,) the other end.
        strong: (p,) whether it needs no second match.
        limit: listings in a product.
    """
    counted = strong | _bridged(size, one, other)
    groups = _connected(size, one[counted], other[counted])
    large = np.bincount(groups)[groups] > limit
    if not large.any():
        return groups
    kept = counted & (strong | ~large[one])
    groups = _connected(size, one[kept], other[kept])
    still = np.bincount(groups)[groups] > limit
    return np.where(still, groups.max() + 1 + np.arange(size), groups)


def _bridged(size: int, one: Places, other: Places) -> Flags:
    """Whether the ends of each edge share another match: (p,) bool."""
    if not len(one):
        return np.empty(0, dtype=bool)
    graph = _graph(size, one, other)
    shared = csr_array((graph @ graph).multiply(graph))
    result: Flags = np.asarray(shared[one, other]).ravel() > 0
    return result


def _connected(size: int, one: Places, other: Places) -> Places:
    groups: Places = connected_components(_graph(size, one, other), directed=False)[1].astype(np.intp)
    return groups


def _graph(size: int, one: Places, other: Places) -> csr_array:
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    return csr_array(coo_array((np.ones(2 * len(one), np.int64), ends), shape=(size, size)))
