"""The match stage: the match list of each marked listing, told to subscribers when it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.events import Mark, MatchEvent, MatchList, Message, Verdict
from streams.index.port import Change, Point, View
from streams.matching import Compared, Rules, Side, match_lists
from streams.stages import state
from streams.stages.around import Aim, look_around
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.marks import causes_of
from streams.stages.state import Untold


@dataclass(frozen=True, slots=True)
class _News:
    """A list that subscribers have not been told of, or may not have been."""

    point: Point
    list: MatchList | None
    cause: str

    @property
    def changes(self) -> bool:
        return self.list != state.matches_of(self.point.payload)

    @property
    def revision(self) -> int:
        return int(self.point.payload.get(state.REVISION, 0)) + self.changes

    @property
    def told(self) -> tuple[str, ...]:
        """What subscribers certainly were told last."""
        untold = Untold.of(self.point.payload)
        return untold.listing_ids if untold else _ids(state.matches_of(self.point.payload))

    def writing(self) -> Change:
        parts = zip(state.LISTS, self.list or MatchList(), strict=True)
        lists: dict[str, object] = {name: [one.to_json() for one in part] or None for name, part in parts}
        lists[state.MATCHES] = None if self.list is None else lists[state.MATCHES] or []
        return Change(
            self.point.listing_id,
            record={state.UNTOLD: Untold(self.told).to_json()},
            payload={state.REVISION: self.revision, **lists},
        )

    def letters(self, generation: str, rules: Rules) -> tuple[Letter, Letter]:
        """To subscribers, and to the listing's product."""
        now, told = _ids(self.list), self.told
        event = MatchEvent(
            listing_id=self.point.listing_id,
            revision=self.revision,
            generation=generation,
            cause=self.cause,
            matches=None if self.list is None else self.list.matches,
            added=tuple(one for one in now if one not in told),
            removed=tuple(one for one in told if one not in now),
            review=() if self.list is None else self.list.review,
            bundle=rules.bundle,
            thresholds=rules.policy.version,
        )
        mark = Letter.mark(Channel.REGROUP, Mark(self.point.listing_id, self.cause))
        return Letter(Channel.MATCHES, self.point.listing_id.encode(), event.to_bytes()), mark


async def match(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Compute the lists of the listings a batch of `rematch` marks and tell those that changed.

    A record of what subscribers knew is written before the list and cleared after they were told: an
    attempt that was cut off in between is told again, with the same revision.
    """
    causes = causes_of(messages)
    points = await dependencies.index.read(causes, views=[View.BLENDED])
    lists = await current_lists(points, dependencies)
    news = [_News(point, lists[listing_id], causes[listing_id]) for listing_id, point in points.items()]
    await dependencies.index.write([one.writing() for one in news if one.changes])
    to_tell = [one for one in news if one.changes or Untold.of(one.point.payload)]
    letters = [one.letters(dependencies.generation, dependencies.rules) for one in to_tell]
    await dependencies.outbox.deliver([letter for both in letters for letter in both])
    await dependencies.index.write([Change(one.point.listing_id, forget=(state.UNTOLD,)) for one in to_tell])


async def current_lists(points: Mapping[str, Point], dependencies: Dependencies) -> dict[str, MatchList | None]:
    """The list of each point; None for one that has no blended embedding, because it is gone or not blended yet."""
    values = {listing_id: state.described(point, View.BLENDED) for listing_id, point in points.items()}
    verdicts = {listing_id: state.verdicts_of(point.payload) for listing_id, point in points.items()}
    same = {other for some in verdicts.values() for other, verdict in some.items() if verdict is Verdict.SAME}
    aim = Aim.at_candidates(dependencies.policy)
    around = await look_around(dependencies, aim, [value.embedding for value in values.values()], known=same)
    owners = Side(list(values), [value.details for value in values.values()])
    lists = match_lists(Compared(owners, around.side, around.found, verdicts), dependencies.rules)
    listed = zip(values.items(), lists, strict=True)
    return {listing_id: list_ if value.embedding else None for (listing_id, value), list_ in listed}


def _ids(matches: MatchList | None) -> tuple[str, ...]:
    return tuple(match.listing_id for match in matches.matches) if matches else ()
