"""How well rows alone find products: each listing's nearest, under a threshold that other products chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics import Entries, ranking, sweep
from encoders.types import Modality
from streams.learning.folds import folds
from streams.learning.labelled import LabelledCatalogue

NEAREST = 100
_BLOCK = 1024
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Of n listings.

    Args:
        mean_f1: of their lists, each under the threshold that is best on four fifths of the other products.
        recall_at_1: share of listings with others whose nearest is of their product.
        recall_at_10: likewise with one among ten.
        mrr: mean reciprocal rank of the first.
    """

    mean_f1: float
    recall_at_1: float
    recall_at_10: float
    mrr: float


def measured(catalogue: LabelledCatalogue, modality: Modality) -> Figures:
    """Measure one modality's raw rows, without blending, vetoes or a scorer."""
    chosen = [i for i, one in enumerate(catalogue.listing_ids) if modality in catalogue.embeddings[one]]
    some = catalogue.at(chosen)
    rows = np.stack([np.asarray(some.embeddings[one][modality]) for one in some.listing_ids])
    entries = _nearest(rows, some.codes)
    ranked = ranking(entries, (1, 10))
    return Figures(_mean_f1(entries, folds(some.labels, _FOLDS)), ranked.recall[1], ranked.recall[10], ranked.mrr)


def across(
    catalogue: LabelledCatalogue, asked: np.ndarray, known: np.ndarray, ks: tuple[int, ...] = (1, 10)
) -> dict[int, float]:
    """Share of listings whose row in `asked` has another listing of its product among the k nearest rows of `known`.

    Rows of NaN are of listings that lack that view; those, and listings without another to be found, are not counted.
    """
    codes = catalogue.codes
    asking, there = np.flatnonzero(~np.isnan(asked[:, 0])), np.flatnonzero(~np.isnan(known[:, 0]))
    similar = asked[asking] @ known[there].T
    similar[asking[:, None] == there[None, :]] = -np.inf
    hit = codes[there][np.argsort(-similar, axis=1, kind="stable")[:, : max(ks)]] == codes[asking][:, None]
    others = np.array([(codes[there] == codes[one]).sum() - (one in set(there.tolist())) for one in asking]) > 0
    return {k: float(hit[others, :k].any(1).mean()) for k in ks}


def _nearest(rows: np.ndarray, codes: np.ndarray) -> Entries:
    count = min(NEAREST, len(rows) - 1)
    others, scores = [], []
    for start in range(0, len(rows), _BLOCK):
        similar = rows[start : start + _BLOCK] @ rows.T
        similar[np.arange(len(similar)), np.arange(start, start + len(similar))] = -np.inf
        best = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        others.append(best)
        scores.append(np.take_along_axis(similar, best, axis=1))
    own = np.repeat(np.arange(len(rows)), count)
    return Entries(codes, own, np.concatenate(others).ravel(), np.concatenate(scores).ravel().astype(np.float64))


def _mean_f1(entries: Entries, parts: np.ndarray) -> float:
    f1 = np.empty(len(parts))
    for part in np.unique(parts).tolist():
        inside = parts == part
        swept = sweep(entries, ~inside)
        f1[inside] = entries.reaching(swept.best(swept.mean_f1)).counts().f1[inside]
    return float(f1.mean())
