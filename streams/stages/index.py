"""The index stage: the truth about each listing goes into the index, and whom it touches is marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from encoders.types import Embedding
from streams.events import EmbeddingEvent, Message
from streams.index.port import Point, View
from streams.stages import state
from streams.stages.around import Aim, Around, look_around
from streams.stages.change import Replacement, carry_out
from streams.stages.dependencies import Channel, Dependencies


async def index(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Apply a batch of the topic `embeddings`.

    A price-only update writes the payload and marks nobody. An event older than what is stored changes
    nothing; one of the same version may add rows that failed the first time, never remove any.
    """
    events = [EmbeddingEvent.from_bytes(message.key, message.value) for message in messages]
    points = await dependencies.index.read({event.listing_id for event in events}, views=[View.RAW])
    replacements = [
        _replacement(points.get(listing_id) or Point(listing_id, {}), some)
        for listing_id, some in _by_listing(events).items()
    ]

    async def look(embeddings: Sequence[Embedding]) -> list[list[str]]:
        return await _reverse_neighbors(embeddings, dependencies)

    await carry_out(replacements, look, Channel.REBLEND, dependencies)


def _by_listing(events: Iterable[EmbeddingEvent]) -> Mapping[str, list[EmbeddingEvent]]:
    grouped: dict[str, list[EmbeddingEvent]] = {}
    for event in events:
        grouped.setdefault(event.listing_id, []).append(event)
    return grouped


def _replacement(before: Point, events: Sequence[EmbeddingEvent]) -> Replacement:
    """What a listing's events change together."""
    stored = state.standing_of(before.payload)
    standing = stored
    for event in events:
        standing = standing.after(event.version, event.position)
    content = next((event for event in reversed(events) if event.version == standing.version), None)
    fields: dict[str, object] = {state.STANDING: standing.to_json()}
    new: Embedding = before.raw
    if not standing.listed:
        new = {}
    elif content is not None and content.listing is not None:
        again = standing.version == stored.version
        new = {**before.raw, **content.embedding} if again else content.embedding
        fields |= _content_fields(before, content, new, again=again)
    return Replacement(
        before,
        View.RAW,
        new,
        cause=events[-1].cause,
        payload={name: value for name, value in fields.items() if before.payload.get(name) != value},
        forget=() if standing.listed else tuple(name for name in _CONTENT if name in before.payload),
    )


_CONTENT = (state.LISTING, state.SEALS, state.MODALITIES, state.FAILURES)


def _content_fields(before: Point, event: EmbeddingEvent, embedding: Embedding, *, again: bool) -> dict[str, object]:
    seals = {**before.payload.get(state.SEALS, {}), **event.seals} if again else event.seals
    return {
        state.LISTING: event.listing,
        state.SEALS: seals,
        state.MODALITIES: sorted(embedding),
        state.FAILURES: event.failures,
    }


async def _reverse_neighbors(embeddings: Sequence[Embedding], dependencies: Dependencies) -> list[list[str]]:
    """For each raw embedding, the listings so near to it that it counts, or would count, among their nearest."""
    blend = dependencies.policy.blend
    aim = Aim(View.RAW, dependencies.policy.blend_floors, blend.threshold)
    around = await look_around(dependencies, aim, embeddings)
    radii = _radii(around, blend.threshold)
    columns = around.table.listing_ids
    return [[columns[i] for i in np.flatnonzero(row >= radii).tolist()] for row in around.found.combined]


def _radii(around: Around, default: float) -> np.ndarray:
    return np.array([point.payload.get(state.RADIUS, default) for point in around.points.values()])
