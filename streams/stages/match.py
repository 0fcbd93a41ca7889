"""The match stage: the match list of each marked listing, told to subscribers when it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.events import Match, MatchEvent, Message
from streams.index.port import Change, Point, View
from streams.matching import match_list
from streams.stages import state
from streams.stages.around import Aim, look_around
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.marks import causes_of
from streams.stages.state import Untold


@dataclass(frozen=True, slots=True)
class _News:
    """A list that subscribers have not been told of, or may not have been."""

    point: Point
    matches: tuple[Match, ...] | None
    cause: str

    @property
    def changes(self) -> bool:
        return self.matches != state.matches_of(self.point.payload)

    @property
    def revision(self) -> int:
        return int(self.point.payload.get(state.REVISION, 0)) + self.changes

    @property
    def told(self) -> tuple[str, ...]:
        """What subscribers certainly were told last."""
        untold = Untold.of(self.point.payload)
        return untold.listing_ids if untold else _ids(state.matches_of(self.point.payload))

    def writing(self) -> Change:
        stored = None if self.matches is None else [match.to_json() for match in self.matches]
        return Change(
            self.point.listing_id,
            record={state.UNTOLD: Untold(self.told).to_json()},
            payload={state.REVISION: self.revision, state.MATCHES: stored},
        )

    def letter(self, generation: str) -> Letter:
        now, told = _ids(self.matches), self.told
        event = MatchEvent(
            listing_id=self.point.listing_id,
            revision=self.revision,
            generation=generation,
            cause=self.cause,
            matches=self.matches,
            added=tuple(one for one in now if one not in told),
            removed=tuple(one for one in told if one not in now),
        )
        return Letter(Channel.MATCHES, self.point.listing_id.encode(), event.to_bytes())


async def match(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Compute the lists of the listings a batch of `rematch` marks and tell those that changed.

    A record of what subscribers knew is written before the list and cleared after they were told: an
    attempt that was cut off in between is told again, with the same revision.
    """
    causes = causes_of(messages)
    points = await dependencies.index.read(causes, views=[View.BLENDED])
    lists = await _match_lists(points, dependencies)
    news = [_News(point, lists[listing_id], causes[listing_id]) for listing_id, point in points.items()]
    await dependencies.index.write([one.writing() for one in news if one.changes])
    to_tell = [one for one in news if one.changes or Untold.of(one.point.payload)]
    await dependencies.outbox.deliver([one.letter(dependencies.generation) for one in to_tell])
    await dependencies.index.write([Change(one.point.listing_id, forget=(state.UNTOLD,)) for one in to_tell])


async def _match_lists(points: Mapping[str, Point], dependencies: Dependencies) -> dict[str, tuple[Match, ...] | None]:
    """The list of each point; None for one that has no blended embedding, because it is gone or not blended yet."""
    policy = dependencies.policy
    views = [point.blended for point in points.values()]
    aim = Aim(View.BLENDED, policy.match_floors, policy.match_threshold)
    around = await look_around(dependencies, aim, views)
    return {
        listing_id: match_list(listing_id, around.table.listing_ids, i, around.found, policy) if point.blended else None
        for i, (listing_id, point) in enumerate(points.items())
    }


def _ids(matches: tuple[Match, ...] | None) -> tuple[str, ...]:
    return tuple(match.listing_id for match in matches or ())
