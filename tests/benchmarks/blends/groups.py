"""What blending brings to which products: by how many listings they have, and by how tight they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from benchmarks.blends.catalogues import Halves
from benchmarks.blends.choosing import NONE, Advance, choose, grid, measured
from benchmarks.blends.rows import BOTH, NOTHING, Table, Tell, Weights, ways_to_blend
from benchmarks.blends.tightness import right_neighbors, tightness_of

from encoders.metrics import Interval, ListCounts
from encoders.metrics.lists import Flags, Places
from streams.evaluation.differences import difference
from streams.evaluation.measuring import Row
from streams.evaluation.variations import Variation
from streams.learning import LabelledCatalogue
from streams.learning.blending import in_words
from streams.matching import Policy
from streams.matching.rows import Floats

_PARTS = 3
_THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Group:
    """What blending brings to some products.

    Args:
        name: which.
        products: how many.
        listings: how many lists were made, over all draws.
        plain: mean F1 of lists without blending.
        gain: in mean F1 of lists and in F1 over pairs, with 95% intervals.
        margin: mean over products: similarity inside, less that with the nearest other product, before blending.
        right: mean over listings: share of what is blended in that is of the own product; NaN where nothing is.
        blends: what was chosen.
    """

    name: str
    products: int
    listings: int
    plain: float
    gain: dict[str, Interval]
    margin: float
    right: float
    blends: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A catalogue with and without blending, each with thresholds chosen elsewhere.

    Args:
        catalogue: what was measured on.
        plain: the row without blending.
        blended: the row with it.
        policy: of the row with blending.
    """

    catalogue: LabelledCatalogue
    plain: Row
    blended: Row
    policy: Policy

    @classmethod
    def of(cls, table: Table) -> Case:
        """Of rows that are there."""
        policy = table.chosen[BOTH].variation.policy
        return cls(table.halves.score, table.rows[NOTHING], table.rows[BOTH], policy)

    @cached_property
    def margins(self) -> Floats:
        """(g,) by product code: how much nearer it is to itself than to the nearest other, before blending."""
        return tightness_of(self.catalogue, self.policy).margin

    @cached_property
    def right(self) -> Floats:
        """(n,) which share of what is blended in is of the own product."""
        return right_neighbors(self.catalogue, self.policy)


def by_crowd(halves: Halves, weights: Weights, sizes: Sequence[int], draws: int, tell: Tell) -> list[Group]:
    """The same products with few listings each and with many; blending is chosen anew in each draw."""
    ways = len(_tried(weights)) + 1
    found = []
    for size in sizes:
        advance = tell(f"{size} of each product", draws * ways)
        cases = [_case(halves.crowds(size, draw), weights, advance) for draw in range(draws)]
        everyone = [np.ones(len(case.catalogue), dtype=bool) for case in cases]
        found.append(_group(f"{size} of each product", cases, everyone))
    return found


def by_size(case: Case, bounds: Sequence[int]) -> list[Group]:
    """By how many listings the product has: up to each of the bounds, and above."""
    sizes = np.bincount(case.catalogue.codes)[case.catalogue.codes].astype(np.float64)
    return list(_between(case, sizes, [0, *bounds, np.inf], _in_words))


def by_margin(case: Case) -> list[Group]:
    """By how much tighter than their surroundings products are; three parts with as many products each."""
    bounds = np.nanquantile(case.margins, np.linspace(0, 1, _PARTS + 1))
    bounds[0], bounds[-1] = -np.inf, np.inf
    margins = case.margins[case.catalogue.codes]
    return list(_between(case, margins, bounds.tolist(), "margin above {:.2f}, to {:.2f}".format))


def _between(
    case: Case, values: Floats, bounds: Sequence[float], name: Callable[[float, float], str]
) -> Iterator[Group]:
    for low, high in pairwise(bounds):
        here = (values > low) & (values <= high)
        if here.any():
            yield _group(name(low, high), [case], [here])


def _in_words(low: float, high: float) -> str:
    """Whole numbers above the one and up to the other."""
    least = f"{low + 1:.0f}"
    if np.isinf(high):
        return f"{least} and more"
    return least if high == low + 1 else f"{least} to {high:.0f}"


def _tried(weights: Weights) -> list[Variation]:
    return ways_to_blend(Policy(weights=weights), [NONE, *grid(thresholds=_THRESHOLDS)])


def _case(halves: Halves, weights: Weights, advance: Advance) -> Case:
    tried = _tried(weights)
    plain = measured(halves.score, choose(halves.tune, tried[:1], advance))
    chosen = choose(halves.tune, tried, advance)
    return Case(halves.score, plain, measured(halves.score, chosen), chosen.variation.policy)


def _group(name: str, cases: Sequence[Case], listings: Sequence[Flags]) -> Group:
    """Of some listings of each case; the same product in several cases is drawn together."""
    some = list(zip(cases, listings, strict=True))
    codes = [case.catalogue.codes[here] for case, here in some]
    products: Places = np.unique(np.concatenate(codes), return_inverse=True)[1].astype(np.intp)
    plain = replace(cases[0].plain, counts=_joined([case.plain.counts.at(here) for case, here in some]))
    blended = replace(cases[0].blended, counts=_joined([case.blended.counts.at(here) for case, here in some]))
    return Group(
        name,
        int(products.max()) + 1,
        len(products),
        float(plain.counts.f1.mean()),
        dict(difference(blended, plain, products)),
        _mean([case.margins[np.unique(part)] for case, part in zip(cases, codes, strict=True)]),
        _mean([case.right[here] for case, here in some]),
        tuple(dict.fromkeys(in_words(case.policy.blend) for case in cases)),
    )


def _joined(counts: Sequence[ListCounts]) -> ListCounts:
    right, found, true = (np.concatenate([getattr(one, name) for one in counts]) for name in ("right", "found", "true"))
    return ListCounts(right, found, true)


def _mean(parts: Sequence[Floats]) -> float:
    values = np.concatenate(parts)
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float("nan")
