"""Up to how many listings an index serves, from how long one listing takes in catalogues of several sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SERVES_PER_S: Final = 10.0
"""Listings a second; an index that takes fewer serves nobody."""


def serves_up_to(ms: Mapping[int, float]) -> int | None:
    """The size at which fewer listings than anybody wants are taken, if time goes on growing as it did last.

    None where less than two sizes were measured, or time does not grow.

    Args:
        ms: of a listing, by the size of the catalogue, from small to large.
    """
    *_, (small, few), (large, many) = [(0, 0.0), (0, 0.0), *ms.items()]
    if small == 0 or many <= few:
        return None
    slope = (many - few) / (large - small)
    return max(small, round(large + (1000 / SERVES_PER_S - many) / slope))
