"""How well listings fit what is looked for, and which products they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from encoders.types import Modality
from streams.events.offers import Offer
from streams.index.port import Point
from streams.matching.policy import Policy
from streams.matching.rows import Floats
from streams.matching.similarity import DECIMALS, Table, similarities
from streams.stages import state
from streams.web.search.asking import Line, Part
from streams.web.search.query import Found, FoundProduct

_ANY: Final = Policy(weights=dict.fromkeys(Modality, 1.0))
"""A query is no listing: what similarities of two listings are worth, as the bundle says it, does not hold for it.

Three words of a title found its product among 1,200 PriceRunner offers in 81 of 100 searches by the mean of the
lines, in 79 by the lexical rows alone, in 58 by the text rows alone, with the shipped bundle.
"""

_Similarities = dict[Modality, float]


def scored(points: Sequence[Point], parts: Sequence[Part]) -> list[Found]:
    """The listings that fit at all, with their score: over the parts, by their shares, how well they fit each.

    What a photo shows and what a title says of it tell much the same, so that both together are no surer than their
    mean; but a photo never lowers a listing below what its title is worth, and where one is missing the other stands
    for both, so that a listing without a title is found by what it shows, among the others.
    """
    if not points:
        return []
    gallery = Table.of({point.listing_id: point.raw for point in points})
    total, shown = np.zeros(len(points)), [_Similarities() for _ in points]
    for part in parts:
        own = _mean([_line(line, gallery, shown, best=False) for line in part.own], len(points))
        seen = _line(part.seen, gallery, shown, best=True)
        both = np.fmax(own, _mean([own, seen], len(points)))
        total += part.share * np.maximum(np.nan_to_num(both), 0.0)
    scores = np.round(total, DECIMALS)
    return [_found(point, float(scores[i]), shown[i]) for i, point in enumerate(points) if scores[i] > 0]


def _mean(values: Sequence[Floats], size: int) -> Floats:
    """Over what is there; NaN where nothing is."""
    known = np.array(values).reshape(-1, size)
    there = np.sum(~np.isnan(known), axis=0)
    mean: Floats = np.divide(np.nansum(known, axis=0), there, out=np.full(size, np.nan), where=there > 0)
    return mean


def _line(line: Line, gallery: Table, shown: Sequence[_Similarities], *, best: bool) -> Floats:
    """The best of a line's glances at each listing, or the first; NaN where it has a row for none."""
    counted: Floats = np.full(len(gallery.listing_ids), np.nan)
    which = list[Modality | None]([None] * len(counted))
    for glance in line:
        found = similarities(Table.of({"": {glance.modality: glance.row}}), gallery, _ANY).single.get(glance.modality)
        if found is None:
            continue
        values = glance.worth.of(found[0])
        better = ~(values <= counted) if best else np.isnan(counted)
        for i in np.flatnonzero(~np.isnan(values) & better):
            counted[i], which[i] = values[i], glance.modality
    for known, modality, value in zip(shown, which, counted, strict=True):
        if modality is not None:
            known[modality] = max(round(float(value), DECIMALS), known.get(modality, -1.0))
    return counted


def grouped(found: Iterable[Found], products: Mapping[str, str | None], limit: int) -> list[FoundProduct]:
    """By product, the best first, in each the best listing first.

    Args:
        found: what was scored.
        products: the product of each listing; None where it is in none yet.
        limit: products at most.
    """
    groups: dict[tuple[bool, str], list[Found]] = {}
    for one in sorted(found, key=lambda one: (-one.score, one.offer.listing_id)):
        product_id = products[one.offer.listing_id]
        key = product_id is None, product_id or one.offer.listing_id
        groups.setdefault(key, []).append(one)
    return [FoundProduct(None if alone else name, some) for (alone, name), some in list(groups.items())[:limit]]


def _found(point: Point, score: float, shown: _Similarities) -> Found:
    listing = point.payload.get(state.LISTING) or {}
    category = listing.get("category")
    # of a title that says enough, what stands in for it is the title itself
    told = {modality: value for modality, value in shown.items() if modality.stands_in_for not in shown}
    offer = Offer.of(point.listing_id, listing, state.generated_of(point.payload))
    return Found(offer, category if isinstance(category, str) else None, score, told)
