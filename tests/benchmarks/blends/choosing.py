"""Choosing a way of comparing on one half, and measuring it on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from encoders.metrics import Interval, sweep
from streams.evaluation.comparing import Comparer
from streams.evaluation.differences import difference, difference_at_precision
from streams.evaluation.measuring import Row, measure
from streams.evaluation.variations import Variation
from streams.learning import LabelledCatalogue, find_candidates
from streams.learning.curves import fit_curve
from streams.matching.policy import BlendPolicy
from streams.matching.rules import Rules

NEIGHBORS = (3, 5, 10, 20)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
NONE = BlendPolicy(neighbors=0)
_LIMIT = 200
"""Listings in a product, as the settings have it."""
_DECIMALS = 6
_EVERY_PAIR = -1.0
"""A floor that no similarity is below: what dissimilar pairs are worth is part of a curve."""

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best of some ways of comparing.

    Args:
        variation: with the match threshold that is best on the half it was chosen on.
        mean_f1: of lists, on that half.
        tried: how many it is the best of.
    """

    variation: Variation
    mean_f1: float
    tried: int


@dataclass(frozen=True, slots=True)
class Gain:
    """What one way brings over another on the same products, with 95% intervals.

    Args:
        mean_f1: of lists.
        f1: over pairs.
        precision: which the other way has.
        recall: at that precision, over pairs.
    """

    mean_f1: Interval
    f1: Interval
    precision: float
    recall: Interval


def grid(neighbors: Sequence[int] = NEIGHBORS, thresholds: Sequence[float] = THRESHOLDS) -> Iterator[BlendPolicy]:
    """Neighborhoods to be tried."""
    return (BlendPolicy(neighbors=k, threshold=t) for k in neighbors for t in thresholds)


def choose(catalogue: LabelledCatalogue, variations: Iterable[Variation], advance: Advance) -> Chosen:
    """The variation with the highest mean F1 of lists, each at its own best threshold."""
    found: list[Chosen] = []
    for variation in variations:
        comparer = Comparer(catalogue, Rules(variation.policy))
        swept = sweep(comparer.entries(comparer.compare(variation)))
        threshold = round(swept.best(swept.mean_f1), _DECIMALS)
        policy = variation.policy.changed(match_threshold=threshold)
        found.append(Chosen(replace(variation, policy=policy), float(swept.mean_f1.max(initial=0.0)), 1))
        advance(1)
    return best_of(found)


def best_of(found: Sequence[Chosen]) -> Chosen:
    """The one with the highest mean F1; of equal ones the first."""
    return replace(max(found, key=lambda one: one.mean_f1), tried=sum(one.tried for one in found))


def measured(catalogue: LabelledCatalogue, chosen: Chosen) -> Row:
    """How the chosen way does on another half, at its threshold."""
    comparer = Comparer(catalogue, Rules(chosen.variation.policy))
    return measure(replace(comparer.compare(chosen.variation), view={}), catalogue, _LIMIT)


def gain(row: Row, other: Row, catalogue: LabelledCatalogue) -> Gain:
    """What `row` brings over `other`, products drawn anew."""
    found = difference(row, other, catalogue.codes)
    precision, recall = difference_at_precision(row, other, catalogue.codes)
    return Gain(found["mean_f1"], found["f1"], precision, recall)


def calibrated(catalogue: LabelledCatalogue, variation: Variation) -> Variation:
    """The same with an isotonic curve for each modality, of all pairs of the catalogue after blending."""
    plain = variation.policy.changed(calibrations={})
    steps = variation.steps if plain.blend.neighbors else 0
    found = find_candidates(catalogue.embeddings, catalogue.details, plain, floor=_EVERY_PAIR, steps=steps)
    same = found.same(catalogue.codes)
    curves = {modality: fit_curve(found.single[modality], same) for modality in plain.weights}
    return replace(variation, policy=plain.changed(calibrations=curves))
