"""Why blending helps or does not: how large products are, how tight, and who the neighbors are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from benchmarks.blends.catalogues import Halves
from benchmarks.blends.choosing import NONE, best_of, choose, grid, measured
from benchmarks.blends.rows import Tell, Weights, blended_by

from encoders.metrics import Interval, ListCounts, Resamples
from encoders.metrics.lists import Flags, Places
from streams.evaluation.differences import difference
from streams.evaluation.measuring import Row
from streams.learning import LabelledCatalogue
from streams.matching import Table as Embeddings
from streams.matching import neighborhood, similarities
from streams.matching.policy import BlendPolicy, Policy
from streams.matching.rows import Floats

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """What blending brings to some products.

    Args:
        name: which.
        products: how many.
        listings: how many.
        plain: mean F1 of lists without blending.
        gain: in mean F1 of lists, with its 95% interval.
        facts: what else is known of them, by name.
    """

    name: str
    products: int
    listings: int
    plain: float
    gain: Interval
    facts: dict[str, float | str]


def by_crowd(halves: Halves, weights: Weights, sizes: Sequence[int], draws: int, tell: Tell) -> list[Group]:
    """The same products with few listings each and with many; in each draw blending is chosen anew."""
    found = []
    for size in sizes:
        advance = tell(f"{size} of each product", draws * _WAYS)
        each = [_drawn(halves.crowds(size, draw), weights, advance) for draw in range(draws)]
        found.append(_pooled(f"{size}", each))
    return found


@dataclass(frozen=True, slots=True)
class _Drawn:
    catalogue: LabelledCatalogue
    plain: Row
    blended: Row
    blend: BlendPolicy
    tightness: Floats
    right: float
