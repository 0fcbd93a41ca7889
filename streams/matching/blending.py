"""Neighborhood blending: each listing drawn towards the centre of those around it.

Source: query expansion as in the Shopee Price Match Guarantee winner's 'From Embeddings to Matches',
one step over raw rows only, which keeps it independent of the order in which listings arrive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.matching.policy import BlendPolicy
from streams.matching.rows import Floats


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """Who a listing is blended with.

    Args:
        listing_ids: the most similar first, ties by listing id.
        weights: their combined similarities.
        radius: how similar another listing must be to change this neighborhood by coming or going.
    """

    listing_ids: tuple[str, ...]
    weights: tuple[float, ...]
    radius: float


_NOBODY = 2.0
"""A radius that no similarity reaches: blending is off."""


def neighborhood(listing_id: str, others: Sequence[str], combined: Floats, policy: BlendPolicy) -> Neighborhood:
    """The nearest of `others`, whose combined similarities are `combined`, (n,) float64; never the listing itself."""
    if policy.neighbors == 0:
        return Neighborhood((), (), _NOBODY)
    near = sorted(
        (-float(combined[i]), others[i])
        for i in np.flatnonzero(combined >= policy.threshold).tolist()
        if others[i] != listing_id
    )[: policy.neighbors]
    return Neighborhood(
        tuple(other for _, other in near),
        tuple(-negative for negative, _ in near),
        -near[-1][0] if len(near) == policy.neighbors else policy.threshold,
    )


def blended(
    own: Embedding, around: Neighborhood, rows: Mapping[str, Embedding], policy: BlendPolicy | None = None
) -> dict[Modality, Row]:
    """The listing's rows drawn towards its neighbors', in the modalities it has itself.

    A sparse row is copied as it is: its words must stay the listing's own.

    Args:
        own: its raw rows.
        around: its neighborhood.
        rows: the neighbors' raw rows, by listing id.
        policy: which modalities are blended with fewer neighbors; None takes all for each.
    """
    return {
        modality: row
        if isinstance(row, SparseRow)
        else _drawn(row, modality, _narrowed(around, modality, policy), rows)
        for modality, row in own.items()
    }


def _narrowed(around: Neighborhood, modality: Modality, policy: BlendPolicy | None) -> Neighborhood:
    if policy is None or modality not in policy.narrower:
        return around
    narrow = policy.of(modality)
    kept = sum(1 for weight in around.weights[: narrow.neighbors] if weight >= narrow.threshold)
    return Neighborhood(around.listing_ids[:kept], around.weights[:kept], around.radius)


def _drawn(
    row: NDArray[np.float32], modality: Modality, around: Neighborhood, rows: Mapping[str, Embedding]
) -> NDArray[np.float32]:
    """normalize(x + sum of S(a, b) x_b), summed in float64 from the nearest neighbor on."""
    total = row.astype(np.float64)
    for neighbor, weight in zip(around.listing_ids, around.weights, strict=True):
        other = rows[neighbor].get(modality)
        if other is not None and not isinstance(other, SparseRow) and np.isfinite(other).all():
            total = total + weight * np.asarray(other, dtype=np.float64)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else row
