"""Who is the same product: from similarities to a match list with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.types import Modality
from streams.events import Match
from streams.matching.policy import Policy
from streams.matching.rows import Floats
from streams.matching.similarity import Similarities

SHOWN_DECIMALS = 4


def match_list(
    listing_id: str, others: Sequence[str], row: int, found: Similarities, policy: Policy
) -> tuple[Match, ...]:
    """The matches of one listing, the most similar first, ties by listing id.

    Args:
        listing_id: whose list it is; it never matches itself.
        others: n listing ids, the columns of `found`.
        row: which row of `found` is the listing's.
        found: blended similarities.
        policy: thresholds and limit.
    """
    combined = found.combined[row]
    single = {modality: part[row] for modality, part in found.single.items()}
    matching = np.flatnonzero(is_match(combined, single, policy)).tolist()
    ranked = sorted((-float(combined[i]), others[i], i) for i in matching if others[i] != listing_id)
    return tuple(_match(other, combined, single, i, policy) for _, other, i in ranked[: policy.list_limit])


def is_match(combined: Floats, single: Mapping[Modality, Floats], policy: Policy) -> NDArray[np.bool_]:
    """Where two listings are the same product, (…) bool."""
    result = combined >= policy.match_threshold
    for modality, threshold in policy.sure_thresholds.items():
        if modality in single:
            result = result | (single[modality] >= threshold)
    return result


def _match(other: str, combined: Floats, single: Mapping[Modality, Floats], i: int, policy: Policy) -> Match:
    similarities = {modality: float(part[i]) for modality, part in single.items() if not np.isnan(part[i])}
    evidence: dict[str, float | str] = {m.value: round(s, SHOWN_DECIMALS) for m, s in similarities.items()}
    evidence["rule"] = _rule(float(combined[i]), similarities, policy)
    return Match(other, round(float(combined[i]), SHOWN_DECIMALS), evidence)


def _rule(combined: float, similarities: Mapping[Modality, float], policy: Policy) -> str:
    """What decided, in the words of the contract."""
    if combined >= policy.match_threshold:
        return f"combined>={_shown(policy.match_threshold)}"
    sure = next(m for m, threshold in policy.sure_thresholds.items() if similarities.get(m, -1.0) >= threshold)
    return f"{sure.value}>={_shown(policy.sure_thresholds[sure])}"


def _shown(threshold: float) -> str:
    """With two decimals, or with all it has: a calibrated one must not look like another."""
    return max(f"{threshold:.2f}", str(threshold), key=len)
