"""Finding the others of a product: what training is watched by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoders.metrics import Entries, ranking, sweep

_BLOCK = 1024
_LISTED = 50
_DIGITS = 6
"""Of a cosine; beyond them, float32 tells apart what is the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """n listings as one way of looking at them sees them.

    Args:
        rows: (n, d) float32, unit rows.
        places: (n,) which listing each row is of.
    """

    rows: Tensor
    places: NDArray[np.int64]


def recalls(queries: Seen, gallery: Seen, codes: NDArray[np.int64], ks: Sequence[int] = (1, 10)) -> dict[str, float]:
    """Share of queries with another listing of their product among the k most similar of a gallery.

    A listing never finds itself; queries whose product has no other in the gallery are not counted.

    Args:
        queries: what is looked for.
        gallery: where.
        codes: the product of each listing.
        ks: how far down is looked.
    """
    nearest = gallery.places[_nearest(queries, gallery, max(ks))[0]]
    hit = codes[nearest] == codes[queries.places][:, None]
    counted = findable(queries.places, gallery.places, codes)
    return {f"recall_at_{k}": float(hit[counted, :k].any(1).mean()) if counted.any() else 0.0 for k in ks}


def findable(queries: NDArray[np.int64], gallery: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which queries there is another listing of their product for, (q,).

    Args:
        queries: (q,) listings.
        gallery: (g,) listings.
        codes: the product of each listing.
    """
    there = np.bincount(codes[gallery], minlength=int(codes.max(initial=-1)) + 1)
    result: NDArray[np.bool_] = there[codes[queries]] > np.isin(queries, gallery)
    return result


def figures(rows: Tensor, codes: NDArray[np.int64]) -> dict[str, float]:
    """How listings find one another: the mean F1 of lists at the best threshold, recall@1 and @10, MRR.

    Mean F1 comes first: it is what matching is judged by, and goes on telling where the nearest is always right.

    Args:
        rows: (n, d) unit rows.
        codes: (n,) the product of each.
    """
    entries = _entries(rows, codes)
    ranked = ranking(entries, (1, 10))
    return {
        "mean_f1": float(sweep(entries).mean_f1.max(initial=0.0)),
        "recall_at_1": ranked.recall[1],
        "recall_at_10": ranked.recall[10],
        "mrr": ranked.mrr,
    }


def _entries(rows: Tensor, codes: NDArray[np.int64]) -> Entries:
    """The lists of all listings, as long as they are looked at."""
    everyone = Seen(rows, np.arange(len(codes)))
    nearest, similar = _nearest(everyone, everyone, _LISTED)
    own = np.repeat(everyone.places, nearest.shape[1])
    others = own != nearest.ravel()
    return Entries(codes.astype(np.intp), own[others], nearest.ravel()[others], similar.ravel()[others])


def _nearest(queries: Seen, gallery: Seen, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places in the gallery of the most similar and how similar, each (q, count), or as many as there are.

    The listing itself comes last, with -inf.
    """
    count = min(count, len(gallery.places))
    places = torch.from_numpy(gallery.places)
    found, scores = [np.empty((0, count), dtype=np.int64)], [np.empty((0, count))]
    for start in range(0, len(queries.places), _BLOCK):
        block = slice(start, start + _BLOCK)
        itself = torch.from_numpy(queries.places[block])[:, None] == places[None, :]
        top = (queries.rows[block] @ gallery.rows.T).masked_fill(itself, -torch.inf).topk(count, dim=1)
        found.append(top.indices.numpy())
        scores.append(top.values.double().numpy().round(_DIGITS))
    return np.concatenate(found), np.concatenate(scores)
