"""The index stage: the truth about each listing goes into the index, and whom it touches is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from encoders.loading import Derive, derive_nothing
from encoders.types import Embedding
from streams.events import EmbeddingEvent, Mark, Message, Standing
from streams.index.port import Point, View
from streams.matching.details import Described
from streams.stages import state
from streams.stages.around import Aim, Around, look_around
from streams.stages.change import Replacement, Valued, carry_out
from streams.stages.contents import Looked, joined
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.retelling import told_again


async def index(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Apply a batch of the topic `embeddings`.

    A price-only update writes the payload and marks nobody but its product. An event older than what is
    stored changes nothing; several of one version are joined: a repeat may add rows that failed before,
    never remove any, and what was made of all photos counts before what was made of some. Derived rows are
    made of what is joined, so that no repeat brings an older one back. Where the last event of a listing is
    not what counts, what does is said again in `embeddings`.
    """
    events = [EmbeddingEvent.from_bytes(message.key, message.value) for message in messages]
    points = await dependencies.index.read({event.listing_id for event in events}, views=[View.RAW])
    by_listing = _by_listing(events)
    replacements = [
        _replacement(points.get(listing_id) or Point(listing_id, {}), some, dependencies.derive)
        for listing_id, some in by_listing.items()
    ]

    await carry_out(replacements, partial(_look, dependencies=dependencies), Channel.REBLEND, dependencies)
    for_products = [_for_its_product(one) for one in replacements]
    again = [letter for one in replacements for letter in told_again(one, by_listing[one.listing_id][-1])]
    await dependencies.outbox.deliver([*for_products, *again])


async def finish(
    listing_ids: Collection[str], cause: str, dependencies: Dependencies, derive: Derive = derive_nothing
) -> None:
    """Carry on with changes that were cut off and whose messages will not come again, and derive rows anew.

    Only where nobody is at work on these listings: whoever is may die before its marks are sent, and its
    record is cleared here.
    """
    points = await dependencies.index.read(listing_ids, views=[View.RAW])
    again = []
    for point in points.values():
        was = state.described(point, View.RAW)
        rows = derive(was.embedding, point.payload.get(state.LISTING) or {})
        again.append(Replacement(point, View.RAW, Described(rows, was.details), cause))
    await carry_out(again, partial(_look, dependencies=dependencies), Channel.REBLEND, dependencies)


async def _look(values: Sequence[Valued], dependencies: Dependencies) -> list[list[str]]:
    return await _reverse_neighbors([value.embedding for _, value in values], dependencies)


def _for_its_product(replacement: Replacement) -> Letter:
    """Sent for every event: an attempt that was cut off leaves no other trace of a new price.

    Nor may a listing be left out that was not there before: withdrawn and published again in between two
    looks of the match stage, it has the list it had, and nobody else would tell that it is in a product again.
    """
    return Letter.mark(Channel.REGROUP, Mark(replacement.listing_id, replacement.cause))


def _by_listing(events: Iterable[EmbeddingEvent]) -> Mapping[str, list[EmbeddingEvent]]:
    grouped: dict[str, list[EmbeddingEvent]] = {}
    for event in events:
        grouped.setdefault(event.listing_id, []).append(event)
    return grouped


def _replacement(before: Point, events: Sequence[EmbeddingEvent], derive: Derive) -> Replacement:
    """What a listing's events change together."""
    stored = state.standing_of(before.payload)
    standing = stored
    for event in events:
        standing = standing.after(event.version, event.position)
    counting = [event for event in events if event.version == standing.version and event.listing is not None]
    fields: dict[str, object] = {state.STANDING: standing.to_json()}
    new: Embedding = before.raw
    if not standing.listed:
        new = {}
    elif counting:
        known = before if standing.version == stored.version else Point(before.listing_id, {})
        looked = joined([Looked.of_point(known), *map(Looked.of_event, counting)])
        new = derive(looked.embedding, counting[-1].listing or {})
        fields |= {**_content_fields(looked, counting), **_generated_fields(before, looked)}
    return Replacement(
        before,
        View.RAW,
        _value(before, new, fields) if standing.listed else Described({}),
        cause=(counting or events)[-1].cause,
        payload={name: value for name, value in fields.items() if before.payload.get(name) != value},
        forget=_left_over(before, standing, fields),
    )


def _left_over(before: Point, standing: Standing, fields: Mapping[str, object]) -> tuple[str, ...]:
    """What is stored of a listing that is gone, or of photos that nothing is said of any more."""
    if not standing.listed:
        return tuple(name for name in (*_CONTENT, state.GENERATED) if name in before.payload)
    return (state.GENERATED,) if fields.get(state.GENERATED) == {} else ()


def _value(before: Point, new: Embedding, fields: Mapping[str, Any]) -> Described:
    """What is going to be stored."""
    return state.described(Point(before.listing_id, {**before.payload, **fields}, raw=new), View.RAW)


_CONTENT = (state.LISTING, state.SEALS, state.FAILURES)


def _content_fields(looked: Looked, events: Sequence[EmbeddingEvent]) -> dict[str, object]:
    """What else is kept of events of one version, whose contents are joined with what is known of that version."""
    failures = {modality: reason for event in events for modality, reason in event.failures.items()}
    return {
        state.LISTING: events[-1].listing,
        state.SEALS: looked.seals,
        state.FAILURES: {modality: why for modality, why in failures.items() if modality not in looked.embedding},
    }


def _generated_fields(before: Point, looked: Looked) -> dict[str, object]:
    """What models say; that they say nothing any more is written with the seals, before the field goes."""
    there = bool(looked.generated) or state.GENERATED in before.payload
    return {state.GENERATED: looked.generated.to_json()} if there else {}


async def _reverse_neighbors(embeddings: Sequence[Embedding], dependencies: Dependencies) -> list[list[str]]:
    """For each raw embedding, the listings so near to it that it counts, or would count, among their nearest."""
    around = await look_around(dependencies, Aim.at_neighbors(dependencies.policy), embeddings)
    radii = _radii(around, dependencies.policy.blend.threshold)
    columns = around.table.listing_ids
    return [[columns[i] for i in np.flatnonzero(row >= radii).tolist()] for row in around.found.combined]


def _radii(around: Around, default: float) -> np.ndarray:
    return np.array([around.points[one].payload.get(state.RADIUS, default) for one in around.table.listing_ids])
