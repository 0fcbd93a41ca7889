"""Retrieval: where in a listing's ranking the others of its product stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Entries, Flags


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well similar listings are ranked, over listings that have another of their product.

    Args:
        recall: per k, the share of listings with one of their product among the k most similar (the recall@k of
            metric learning).
        share: per k, the mean share of a listing's others that are among the k most similar.
        mrr: mean of 1 / the rank of the first of the product; 0 for a listing where none is a candidate.
        listings: how many are counted.
        left_out: how many are alone in their product, and have nothing to be found.
    """

    recall: Mapping[int, float]
    share: Mapping[int, float]
    mrr: float
    listings: int
    left_out: int


def ranking(entries: Entries, ks: Sequence[int] = (1, 5, 10), listings: Flags | None = None) -> Ranking:
    """Rank each listing's entries by their score; of equal ones the wrong come first, so that ties never flatter.

    Args:
        entries: the candidates of all listings.
        ks: how far to look.
        listings: (n,) whose rankings count; None takes all.
    """
    chosen = np.ones(len(entries.products), dtype=bool) if listings is None else listings
    counted = np.flatnonzero(chosen & (entries.others > 0))
    order = np.lexsort((entries.same, -entries.score, entries.own))
    own, same = entries.own[order], entries.same[order]
    begins = np.searchsorted(own, own)
    ranks, owners = (np.arange(len(own)) - begins + 1)[same], own[same]
    found = {k: np.bincount(owners[ranks <= k], minlength=len(entries.products))[counted] for k in ks}
    first = np.full(len(entries.products), np.inf)
    np.minimum.at(first, owners, ranks)
    others = entries.others[counted]
    return Ranking(
        {k: _mean(found[k] > 0) for k in ks},
        {k: _mean(found[k] / others) for k in ks},
        _mean(1 / first[counted]),
        len(counted),
        int(chosen.sum()) - len(counted),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0
