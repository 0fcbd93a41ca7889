"""Which hits of per-modality searches can still be similar enough, so that only their rows are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from encoders.types import Modality
from streams.matching.policy import SLACK, Policy
from streams.matching.rows import Floats
from streams.matching.similarity import combine

HitsByModality = Mapping[Modality, Mapping[str, float]]
"""Per modality that was searched: listing id to similarity."""


def bounds_of(hits: HitsByModality, floors: Mapping[Modality, float], limit: int) -> dict[Modality, float]:
    """How similar at most is a listing that a search did not return: as the last one if the search was cut."""
    return {
        modality: min(found.values()) if len(found) >= limit else floors[modality] for modality, found in hits.items()
    }


def may_miss(
    hits: HitsByModality, bounds: Mapping[Modality, float], limit: int, threshold: float, policy: Policy
) -> bool:
    """Whether a listing that no search returned, because one was cut at its limit, may reach the threshold.

    One that lacks a modality which was searched is not thought of: alone, the last hit of a crowded
    search would nearly always be near enough, and every crowd would be searched to its end.
    """
    if all(len(found) < limit for found in hits.values()):
        return False
    single = {modality: np.array([bound + SLACK]) for modality, bound in bounds.items()}
    sure = any(bounds.get(modality, -1.0) >= least for modality, least in policy.sure_thresholds.items())
    return sure or float(combine(single, policy, (1,))[0]) >= threshold


def shortlist(
    hits: HitsByModality,
    modalities: Mapping[str, Collection[str]],
    bounds: Mapping[Modality, float],
    threshold: float,
    policy: Policy,
) -> list[str]:
    """The listings whose combined similarity may reach the threshold, or that one modality makes sure.

    Args:
        hits: what the searches for one listing returned.
        modalities: which modalities each of those listings has.
        bounds: of `bounds_of`.
        threshold: of the combined similarity.
        policy: how similarities combine.
    """
    everyone = sorted({listing_id for found in hits.values() for listing_id in found})
    best = {m: _at_most(everyone, hits[m], modalities, m, bounds[m]) for m in hits}
    # each modality may be off by the slack, which a calibration curve may make more of
    most = {modality: part + SLACK for modality, part in best.items()}
    keep = combine(most, policy, (len(everyone),)) >= threshold - SLACK
    for modality, sure in policy.sure_thresholds.items():
        if modality in most:
            keep |= most[modality] >= sure - SLACK
    return [listing_id for listing_id, kept in zip(everyone, keep.tolist(), strict=True) if kept]


def _at_most(
    everyone: Collection[str],
    found: Mapping[str, float],
    modalities: Mapping[str, Collection[str]],
    modality: Modality,
    bound: float,
) -> Floats:
    """What a search said, the bound where it said nothing, NaN for listings that lack the modality: (n,)."""
    return np.array(
        [found[one] if one in found else bound if modality in modalities[one] else np.nan for one in everyone]
    )
