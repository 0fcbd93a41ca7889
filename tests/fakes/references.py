"""The reference in the shapes that tests compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from encoders.types import Embedding
from streams.events import Match, MatchList
from streams.matching import Catalogue, Compared, Details, Policy, Rules, Side, Similarities, match_lists, reference


def reference_matches(raw: Mapping[str, Embedding], policy: Policy, *progress) -> dict[str, tuple[Match, ...]]:
    """The matches of each listing, where nothing is known of them but their rows."""
    return {i: found.matches for i, found in reference(Catalogue(raw), Rules(policy), *progress).items()}


def list_of(listing_id: str, others: Sequence[str], row: int, found: Similarities, policy: Policy) -> MatchList:
    """The list of one listing, which is a row of the similarities."""
    one = Similarities(found.combined[row : row + 1], {m: part[row : row + 1] for m, part in found.single.items()})
    wordless = Side(others, [Details()] * len(others))
    return match_lists(Compared(Side([listing_id], [Details()]), wordless, one), Rules(policy))[0]


def is_match(combined, single, policy: Policy):
    """Where the threshold rule says match, whatever the words say."""
    result = combined >= policy.match_threshold
    for modality, threshold in policy.sure_thresholds.items():
        result = result | (single[modality] >= threshold if modality in single else False)
    return result
