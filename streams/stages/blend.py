"""The blend stage: each marked listing's embedding drawn towards its neighborhood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from encoders.types import Embedding
from streams.events import Mark, Message
from streams.events.rows import same_rows
from streams.index.port import Point, View
from streams.matching import blended, neighborhood
from streams.matching.decision import is_match
from streams.stages import state
from streams.stages.around import Aim, look_around
from streams.stages.change import Replacement, carry_out
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.marks import causes_of


@dataclass(frozen=True, slots=True)
class _Blend:
    """What blending computes for one listing."""

    embedding: Embedding
    radius: float

    def equals(self, other: _Blend) -> bool:
        return self.radius == other.radius and same_rows(self.embedding, other.embedding)


async def blend(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Blend the listings a batch of `reblend` marks, and mark those who can be matched with them.

    The radius is written before the blended rows, so that whoever comes nearer afterwards sees it.
    A neighborhood may change between being read and being written: after the write it is read a
    second time, and a listing whose neighborhood changed is marked again.
    """
    causes = causes_of(messages)
    points = await dependencies.index.read(causes, views=[View.RAW, View.BLENDED])
    first = await _blends(points, dependencies)

    async def look(embeddings: Sequence[Embedding]) -> list[list[str]]:
        return await _can_be_matched(embeddings, dependencies)

    replacements = [
        Replacement(
            point,
            View.BLENDED,
            first[listing_id].embedding,
            causes[listing_id],
            record=_radius_record(point, first[listing_id]),
        )
        for listing_id, point in points.items()
    ]
    await carry_out(replacements, look, Channel.REMATCH, dependencies)
    second = await _blends(points, dependencies)
    await dependencies.outbox.deliver(
        [
            Letter.mark(Channel.REBLEND, Mark(listing_id, causes[listing_id]))
            for listing_id in points
            if not second[listing_id].equals(first[listing_id])
        ]
    )


def _radius_record(point: Point, blend_: _Blend) -> Mapping[str, float]:
    return {} if point.payload.get(state.RADIUS) == blend_.radius else {state.RADIUS: blend_.radius}


async def _blends(points: Mapping[str, Point], dependencies: Dependencies) -> dict[str, _Blend]:
    """Blend each point's raw embedding with its neighborhood as it is in the index now."""
    policy = dependencies.policy.blend
    raw = [point.raw for point in points.values()]
    around = await look_around(dependencies, Aim(View.RAW, dependencies.policy.blend_floors, policy.threshold), raw)
    rows = {listing_id: point.raw for listing_id, point in around.points.items()}
    result = {}
    for i, (listing_id, point) in enumerate(points.items()):
        near = neighborhood(listing_id, around.table.listing_ids, around.found.combined[i], policy)
        result[listing_id] = _Blend(blended(point.raw, near, rows), near.radius)
    return result


async def _can_be_matched(embeddings: Sequence[Embedding], dependencies: Dependencies) -> list[list[str]]:
    """For each blended embedding, the listings that match it."""
    policy = dependencies.policy
    aim = Aim(View.BLENDED, policy.match_floors, policy.match_threshold)
    around = await look_around(dependencies, aim, embeddings)
    single = around.found.single
    columns = around.table.listing_ids
    return [
        [columns[j] for j in np.flatnonzero(is_match(row, {m: part[i] for m, part in single.items()}, policy)).tolist()]
        for i, row in enumerate(around.found.combined)
    ]
