"""Points as the stages leave them, computed at once: to have a large index quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.benchmarks.families import MadeUp
from streams.events import EmbeddingEvent, MatchList, Standing
from streams.events.versions import Position, Version
from streams.index.port import Change, View
from streams.matching import Neighborhood, Rules, Table, blended, neighborhood, similarities
from streams.matching.details import Details
from streams.matching.reference import Catalogue, reference
from streams.stages import state
from streams.stages.state import Heard


def event_of(one: MadeUp, version: int = 1) -> EmbeddingEvent:
    """What embed would say of it."""
    said = Version(stated=True, number=version, digest="0" * 16)
    position, seals = Position(version, version), {"title": "0" * 32}
    return EmbeddingEvent(one.listing_id, said, position, one.listing, one.embedding, seals)


def withdrawal_of(listing_id: str, version: int) -> EmbeddingEvent:
    """What embed would say once it is withdrawn."""
    said = Version(stated=True, number=version, withdrawn=True)
    return EmbeddingEvent(listing_id, said, Position(version, version))


def finished(family: Sequence[MadeUp], rules: Rules) -> list[Change]:
    """The points of listings to which no others are near."""
    raw = {one.listing_id: one.embedding for one in family}
    details = {one.listing_id: Details.of(one.listing) for one in family}
    lists = reference(Catalogue(raw, details), rules)
    table, policy = Table.of(raw), rules.policy
    found = similarities(table, table, policy.for_blending).combined
    changes = []
    for one, row in zip(family, found, strict=True):
        near = neighborhood(one.listing_id, table.listing_ids, row, policy.blend)
        rows = blended(policy.compared(one.embedding), near, raw, policy.blend)
        payload = {**_truth(one), **_derived(near, details[one.listing_id]), **_listed(lists[one.listing_id])}
        # as a record it comes with the new point, in one step
        changes.append(Change(one.listing_id, record=payload, rows={View.RAW: one.embedding, View.BLENDED: rows}))
    return changes


def _truth(one: MadeUp) -> dict[str, Any]:
    event = event_of(one)
    return {
        state.LISTING: one.listing,
        state.STANDING: Standing().after(event.version, event.position).to_json(),
        state.SEALS: event.seals,
        state.FAILURES: {},
        **{name: sorted(modality.value for modality in one.embedding) for name in state.MODALITIES.values()},
    }


def _derived(near: Neighborhood, details: Details) -> dict[str, Any]:
    neighbors = [[one, weight] for one, weight in zip(near.listing_ids, near.weights, strict=True)]
    return {state.RADIUS: near.radius, state.NEIGHBORS: neighbors, state.DETAILS: details.to_json()}


def _listed(lists: MatchList) -> dict[str, Any]:
    """Subscribers were told once."""
    parts = zip(state.LISTS, lists, strict=True)
    told = {name: [one.to_json() for one in part] for name, part in parts if part or name == state.MATCHES}
    return {**told, state.REVISION: 1, state.HEARD: Heard.saying(1, lists).to_json()}
