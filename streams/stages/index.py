"""The index stage: the truth about each listing goes into the index, and whom it touches is marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from encoders.types import Embedding
from streams.events import EmbeddingEvent, Message, Version
from streams.index.port import Payload, Point, View
from streams.stages import state
from streams.stages.around import Around, look_around
from streams.stages.change import Replacement, carry_out
from streams.stages.dependencies import Channel, Dependencies


async def index(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Apply a batch of the topic `embeddings`.

    A price-only update writes the payload and marks nobody. An event older than what is stored is
    dropped; one of the same version may add rows that failed the first time, never remove any.
    """
    events = [EmbeddingEvent.from_bytes(message.key, message.value) for message in messages]
    points = await dependencies.index.read({event.listing_id for event in events}, views=[View.RAW])
    replacements = [
        replacement
        for listing_id, some in _by_listing(events).items()
        if (replacement := _replacement(points.get(listing_id) or Point(listing_id, {}), some)) is not None
    ]

    async def look(embeddings: Sequence[Embedding]) -> list[list[str]]:
        return await _reverse_neighbors(embeddings, dependencies)

    await carry_out(replacements, look, Channel.REBLEND, dependencies)


def _by_listing(events: Iterable[EmbeddingEvent]) -> Mapping[str, list[EmbeddingEvent]]:
    grouped: dict[str, list[EmbeddingEvent]] = {}
    for event in events:
        grouped.setdefault(event.listing_id, []).append(event)
    return grouped


def _replacement(before: Point, events: Sequence[EmbeddingEvent]) -> Replacement | None:
    """What the newest of a listing's events changes; None if all are old news and no attempt is unfinished."""
    stored = state.version_of(before.payload)
    newest, version = None, stored
    for event in events:
        counted = event.version.against(version)
        if version is None or counted >= version:
            newest, version = event, counted
    if newest is None or version is None:
        leftover = Replacement(before, View.RAW, before.raw, cause=events[0].cause)
        return leftover if leftover.unfinished else None
    return _applied(before, newest, version, again=version == stored)


def _applied(before: Point, event: EmbeddingEvent, version: Version, *, again: bool) -> Replacement:
    if event.listing is None:
        gone = (state.LISTING, state.SEALS, state.MODALITIES, state.FAILURES)
        forget = tuple(name for name in gone if name in before.payload)
        return Replacement(before, View.RAW, {}, event.cause, payload=_changed(before, version), forget=forget)
    new = {**before.raw, **event.embedding} if again else event.embedding
    seals = {**before.payload.get(state.SEALS, {}), **event.seals} if again else event.seals
    payload = {
        state.LISTING: event.listing,
        state.SEALS: seals,
        state.MODALITIES: sorted(new),
        state.FAILURES: event.failures,
    }
    return Replacement(before, View.RAW, new, event.cause, payload=_changed(before, version, payload))


def _changed(before: Point, version: Version, payload: Payload | None = None) -> Payload:
    """The fields that differ from what is stored."""
    fields = {**(payload or {}), state.VERSION: version.to_json()}
    return {name: value for name, value in fields.items() if before.payload.get(name) != value}


async def _reverse_neighbors(embeddings: Sequence[Embedding], dependencies: Dependencies) -> list[list[str]]:
    """For each raw embedding, the listings so near to it that it counts, or would count, among their nearest."""
    blend = dependencies.policy.blend
    around = await look_around(dependencies, View.RAW, embeddings, dependencies.policy.blend_floors, blend.threshold)
    radii = _radii(around, blend.threshold)
    columns = around.table.listing_ids
    return [[columns[i] for i in np.flatnonzero(row >= radii).tolist()] for row in around.found.combined]


def _radii(around: Around, default: float) -> np.ndarray:
    return np.array([point.payload.get(state.RADIUS, default) for point in around.points.values()])
