"""Derived values that went wrong somehow: what a worker that woke up too late, or a fault of ours, may leave behind."""

from __future__ import annotations

import random

from fakes.memory_index import MemoryIndex

from streams.index.port import Change, Point, View
from streams.stages import state


async def decay(index: MemoryIndex, rng: random.Random, share: float = 0.5) -> int:
    """Spoil derived values and leave records behind, at random; how many points were touched."""
    points = [point async for point in index.scan(list(View))]
    changes = [change for point in points if rng.random() < share for change in _spoilt(point, points, rng)]
    await index.write(changes)
    return len({change.listing_id for change in changes})


def _spoilt(point: Point, points: list[Point], rng: random.Random) -> list[Change]:
    other = rng.choice(points)
    kinds = [
        Change(point.listing_id, rows={View.BLENDED: other.blended}),
        Change(point.listing_id, payload={state.RADIUS: rng.random(), state.NEIGHBORS: []}),
        Change(point.listing_id, payload={state.DETAILS: other.payload.get(state.DETAILS)}),
        Change(point.listing_id, payload={state.MATCHES: other.payload.get(state.MATCHES)}),
        Change(point.listing_id, payload={state.MATCHES: [], state.REVIEW: []}),
        Change(point.listing_id, payload={state.PRODUCT_ID: other.listing_id}),
        Change(point.listing_id, forget=(state.PRODUCT_ID,)),
        *(Change(point.listing_id, record=state.pending_record([state.described(other, v)], v)) for v in View),
        Change(point.listing_id, record={state.UNTOLD: state.Untold((other.listing_id,)).to_json()}),
        Change(point.listing_id, record={state.REGROUPING: [other.listing_id]}),
    ]
    return rng.sample(kinds, rng.randint(1, 3))
