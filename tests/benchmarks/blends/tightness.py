"""How tight products are before blending, and how right their neighborhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Flags
from streams.learning import LabelledCatalogue
from streams.matching import Policy, Table, neighborhood, similarities
from streams.matching.rows import Floats


@dataclass(frozen=True, slots=True)
class Tightness:
    """Of the g products of a catalogue, by code.

    Args:
        inside: (g,) mean similarity of two listings of the product; NaN of one that has a single listing.
        nearest: (g,) mean similarity with the listings of the nearest other product; NaN where there is none.
    """

    inside: Floats
    nearest: Floats

    @property
    def margin(self) -> Floats:
        """(g,) by how much a product is nearer to itself than to the nearest other."""
        result: Floats = self.inside - self.nearest
        return result


def tightness_of(catalogue: LabelledCatalogue, policy: Policy) -> Tightness:
    """By raw similarities; pairs that have no modality in common say nothing."""
    combined = _combined(catalogue, policy)
    np.fill_diagonal(combined, np.nan)
    there = ~np.isnan(combined)
    of = np.eye(int(catalogue.codes.max()) + 1)[catalogue.codes]
    sums, pairs = of.T @ np.where(there, combined, 0.0) @ of, of.T @ there @ of
    means = np.divide(sums, pairs, out=np.full_like(sums, np.nan), where=pairs > 0)
    inside = np.diag(means).copy()
    np.fill_diagonal(means, -np.inf)
    nearest = np.where(np.isnan(means), -np.inf, means).max(axis=1)
    return Tightness(inside, np.where(np.isinf(nearest), np.nan, nearest))


def right_neighbors(catalogue: LabelledCatalogue, policy: Policy) -> Floats:
    """(n,) which share of what is blended in is of the listing's own product, by weight; NaN where nothing is."""
    combined, ids = _combined(catalogue, policy), catalogue.listing_ids
    label = dict(zip(ids, catalogue.labels, strict=True))
    shares = np.full(len(ids), np.nan)
    for place, one in enumerate(ids):
        around = neighborhood(one, ids, np.nan_to_num(combined[place], nan=-1.0), policy.blend)
        right: Flags = np.array([label[other] == label[one] for other in around.listing_ids], dtype=bool)
        if len(right):
            shares[place] = float(np.average(right, weights=around.weights))
    return shares


def _combined(catalogue: LabelledCatalogue, policy: Policy) -> Floats:
    """(n, n), NaN where two have no modality in common."""
    table = Table.of(catalogue.embeddings)
    combined = similarities(table, table, policy.for_blending).combined
    return np.where(combined == -1.0, np.nan, combined)
