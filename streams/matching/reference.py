"""The reference: the same lists as the stream's, by one plain batch computation in NumPy.

When the topics are drained, the state of the stream is this function of the catalogue and of people's
judgements. Time grows with the square of the catalogue, memory with its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from encoders.types import Embedding
from streams.events import MatchList
from streams.matching.blending import blended, neighborhood
from streams.matching.details import Details
from streams.matching.lists import Compared, Side, match_lists
from streams.matching.policy import Policy
from streams.matching.rules import Rules, Verdicts
from streams.matching.similarity import Table, similarities

_BLOCK = 512

Progress = Callable[[int], None]
"""Told how many listings have got through one of the two passes."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The truth: what everything else is computed from.

    Args:
        raw: listing id to its raw embedding; withdrawn listings are not in it.
        details: listing id to its words; who is missing says nothing.
        verdicts: what people said.
    """

    raw: Mapping[str, Embedding]
    details: Mapping[str, Details] = field(default_factory=dict)
    verdicts: Verdicts = field(default_factory=dict)


def reference(catalogue: Catalogue, rules: Rules, progress: Progress = lambda _listings: None) -> dict[str, MatchList]:
    """The match list of each listing."""
    if not catalogue.raw:
        return {}
    view = blended_view(catalogue.raw, rules.policy, progress)
    return _match_lists(view, catalogue, rules, progress)


def blended_view(
    raw: Mapping[str, Embedding], policy: Policy, progress: Progress = lambda _listings: None
) -> dict[str, Embedding]:
    """What of the blended embeddings is stored: the rows that decisions are made on."""
    return {one: policy.compared(embedding) for one, embedding in blend_all(raw, policy, progress).items()}


def blend_all(
    raw: Mapping[str, Embedding], policy: Policy, progress: Progress = lambda _listings: None
) -> dict[str, Embedding]:
    """Every listing's blended embedding in all its modalities: one step."""
    policy, table = policy.for_blending, Table.of(raw)
    result: dict[str, Embedding] = {}
    for start in range(0, len(raw), _BLOCK):
        block = table.part(start, start + _BLOCK)
        found = similarities(block, table, policy)
        for i, listing_id in enumerate(block.listing_ids):
            around = neighborhood(listing_id, table.listing_ids, found.combined[i], policy.blend)
            result[listing_id] = blended(raw[listing_id], around, raw, policy.blend)
        progress(len(block.listing_ids))
    return result


def _match_lists(
    view: Mapping[str, Embedding], catalogue: Catalogue, rules: Rules, progress: Progress
) -> dict[str, MatchList]:
    table = Table.of(view)
    result: dict[str, MatchList] = {}
    everyone = _side(table.listing_ids, catalogue)
    for start in range(0, len(view), _BLOCK):
        block = table.part(start, start + _BLOCK)
        found = similarities(block, table, rules.policy)
        compared = Compared(_side(block.listing_ids, catalogue), everyone, found, catalogue.verdicts)
        result.update(zip(block.listing_ids, match_lists(compared, rules), strict=True))
        progress(len(block.listing_ids))
    return result


def _side(listing_ids: tuple[str, ...], catalogue: Catalogue) -> Side:
    return Side(listing_ids, [catalogue.details.get(one, Details()) for one in listing_ids])
