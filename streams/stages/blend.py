"""The blend stage: each marked listing's embedding drawn towards its neighborhood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from streams.events import Mark, Message, Verdict
from streams.events.rows import same_rows
from streams.index.port import Payload, Point, View
from streams.matching import Compared, Neighborhood, Policy, Rules, Side, blended, neighborhood, related
from streams.matching.details import Described
from streams.stages import state
from streams.stages.around import Aim, Around, Sought, look_around_each
from streams.stages.change import Replacement, Valued, carry_out
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.marks import causes_of


@dataclass(frozen=True, slots=True)
class Blend:
    """What blending computes for one listing."""

    value: Described
    around: Neighborhood

    def equals(self, other: Blend) -> bool:
        """Whether nothing that others depend on differs."""
        return self.around.radius == other.around.radius and same_rows(self.value.embedding, other.value.embedding)

    def record(self, point: Point) -> Payload:
        """What must be in the point before the value."""
        return _that_changes(point, {state.RADIUS: self.around.radius})

    def payload(self, point: Point) -> Payload:
        """What goes with the value."""
        neighbors = [[one, weight] for one, weight in zip(self.around.listing_ids, self.around.weights, strict=True)]
        return _that_changes(point, {state.NEIGHBORS: neighbors, state.DETAILS: self.value.details.to_json()})


def _that_changes(point: Point, payload: Payload) -> Payload:
    return {name: value for name, value in payload.items() if point.payload.get(name) != value}


async def blend(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Blend the listings a batch of `reblend` marks, and mark those whose lists they are or were in.

    The radius is written before the blended rows, so that whoever comes nearer afterwards sees it.
    A neighborhood may change between being read and being written: after the write it is read a
    second time, together with those whose lists the value is in, and a listing whose neighborhood
    changed is marked again. Where nothing was to write, the first look came after the last write.
    """
    causes = causes_of(messages)
    points = await dependencies.index.read(causes, views=[View.RAW, View.BLENDED])
    first = await current_blends(points, dependencies)
    dependencies.observer.blended([len(one.around.listing_ids) for one in first.values() if one.value.embedding])

    replacements = [
        Replacement(
            point,
            View.BLENDED,
            first[listing_id].value,
            causes[listing_id],
            record=first[listing_id].record(point),
            payload=first[listing_id].payload(point),
        )
        for listing_id, point in points.items()
    ]
    written = {one.listing_id: one.before for one in replacements if one.replaces or one.record}
    second: dict[str, Blend] = {}

    async def look(values: Sequence[Valued]) -> list[list[str]]:
        sought = [_lists_with(values, dependencies.policy), _neighbors_of(written, dependencies.policy)]
        owners, neighbors = await look_around_each(dependencies, sought)
        second.update(_blends(written, neighbors, dependencies.policy))
        return _whose_lists(values, owners, dependencies.rules)

    await carry_out(replacements, look, Channel.REMATCH, dependencies)
    if written and not second:  # radii alone are in nobody's list
        second.update(await current_blends(written, dependencies))
    moved = [one for one, blend in second.items() if not blend.equals(first[one])]
    await dependencies.outbox.deliver([Letter.mark(Channel.REBLEND, Mark(one, causes[one])) for one in moved])


async def current_blends(points: Mapping[str, Point], dependencies: Dependencies) -> dict[str, Blend]:
    """Blend each point's raw embedding with its neighborhood as it is in the index now."""
    (around,) = await look_around_each(dependencies, [_neighbors_of(points, dependencies.policy)])
    return _blends(points, around, dependencies.policy)


def _neighbors_of(points: Mapping[str, Point], policy: Policy) -> Sought:
    return Sought(Aim.at_neighbors(policy), [point.raw for point in points.values()])


def _blends(points: Mapping[str, Point], around: Around, policy: Policy) -> dict[str, Blend]:
    rows = {listing_id: point.raw for listing_id, point in around.points.items()}
    result = {}
    for i, (listing_id, point) in enumerate(points.items()):
        near = neighborhood(listing_id, around.table.listing_ids, around.found.combined[i], policy.blend)
        details = state.described(point, View.RAW).details
        own = blended(policy.compared(point.raw), near, rows, policy.blend)
        result[listing_id] = Blend(Described(own, details), near)
    return result


def _lists_with(values: Sequence[Valued], policy: Policy) -> Sought:
    """Who may have one of the values in its list.

    The listings themselves are read again, with all that is said of them: what people say may have come since the
    first reading, too late for whoever was told of it to see the value.
    """
    aim = replace(Aim.at_candidates(policy), fields=None)
    return Sought(aim, [value.embedding for _, value in values], known=[listing_id for listing_id, _ in values])


def _whose_lists(values: Sequence[Valued], around: Around, rules: Rules) -> list[list[str]]:
    """For each value the listings whose lists it is in."""
    ids = [listing_id for listing_id, _ in values]
    owners = Side(ids, [value.details for _, value in values])
    found = related(Compared(owners, around.side, around.found), rules)
    return [[*some, *_judged_same(around, listing_id)] for listing_id, some in zip(ids, found, strict=True)]


def _judged_same(around: Around, listing_id: str) -> list[str]:
    point = around.points.get(listing_id)
    verdicts = state.verdicts_of(point.payload) if point else {}
    return [other for other, verdict in verdicts.items() if verdict is Verdict.SAME]
