"""The reference: the same lists as the stream's, by one plain batch computation in NumPy.

When the topics are drained, the state of the stream is this function of the catalogue. Time grows
with the square of the catalogue, memory with its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from encoders.types import Embedding
from streams.events import Match
from streams.matching.blending import blended, neighborhood
from streams.matching.decision import match_list
from streams.matching.policy import Policy
from streams.matching.similarity import Table, similarities

_BLOCK = 512


def reference(
    raw: Mapping[str, Embedding], policy: Policy, progress: Callable[[int], None] = lambda _listings: None
) -> dict[str, tuple[Match, ...]]:
    """The match list of each listing.

    Args:
        raw: listing id to its raw embedding; withdrawn listings are not in it.
        policy: how to compare and decide.
        progress: told how many listings have got through one of the two passes.
    """
    if not raw:
        return {}
    return _match_lists(_blend_all(raw, policy, progress), policy, progress)


def _blend_all(raw: Mapping[str, Embedding], policy: Policy, progress: Callable[[int], None]) -> dict[str, Embedding]:
    table = Table.of(raw)
    result: dict[str, Embedding] = {}
    for start in range(0, len(raw), _BLOCK):
        block = table.part(start, start + _BLOCK)
        found = similarities(block, table, policy)
        for i, listing_id in enumerate(block.listing_ids):
            around = neighborhood(listing_id, table.listing_ids, found.combined[i], policy.blend)
            result[listing_id] = blended(raw[listing_id], around, raw)
        progress(len(block.listing_ids))
    return result


def _match_lists(
    view: Mapping[str, Embedding], policy: Policy, progress: Callable[[int], None]
) -> dict[str, tuple[Match, ...]]:
    table, result = Table.of(view), {}
    for start in range(0, len(view), _BLOCK):
        block = table.part(start, start + _BLOCK)
        found = similarities(block, table, policy)
        for i, listing_id in enumerate(block.listing_ids):
            result[listing_id] = match_list(listing_id, table.listing_ids, i, found, policy)
        progress(len(block.listing_ids))
    return result
