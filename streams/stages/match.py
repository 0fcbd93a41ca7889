"""The match stage: the match list of each marked listing, told to subscribers when it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.events import Mark, MatchEvent, MatchList, Message, Verdict
from streams.index.port import Change, Point, View
from streams.matching import Compared, Rules, Side, match_lists
from streams.stages import state
from streams.stages.around import Aim, look_around
from streams.stages.dependencies import Audience, Channel, Dependencies, Letter
from streams.stages.marks import causes_of
from streams.stages.state import Heard, Untold


@dataclass(frozen=True, slots=True)
class _News:
    """A listing's list as it is now, and what those who hear this generation know of it."""

    point: Point
    current: MatchList | None
    cause: str
    audience: Audience
    unheard: int

    @property
    def changes(self) -> bool:
        return self.current != state.matches_of(self.point.payload)

    @property
    def heard(self) -> Heard:
        """What subscribers know, whichever generation told them."""
        return Heard.of(self.point.payload) or Heard(self.unheard)

    @property
    def to_tell(self) -> bool:
        """Whether anybody may not know the list. Another generation's list counts as known if it decides the same."""
        if self.changes or Untold.of(self.point.payload):
            return True
        return self.audience is Audience.PUBLIC and not self.heard.decides_as(self.current)

    @property
    def revision(self) -> int:
        """Of the event, if there is to be one."""
        own, heard = self._own_revision, self.heard
        if self.audience is Audience.SHADOW:
            return own + self.changes
        once_more = own > heard.revision or (own == heard.revision and heard.decides_as(self.current))
        return own if once_more and not self.changes else max(own, heard.revision) + 1

    @property
    def told(self) -> tuple[str, ...]:
        """The ids that they know at least, of whatever an attempt that was cut off may have told them."""
        return tuple(one for one in self._last if all(one in some for some in self._perhaps))

    @property
    def told_at_most(self) -> tuple[str, ...]:
        """The ids that they may know."""
        return tuple(dict.fromkeys((*self._last, *self._at_most, *(one for some in self._perhaps for one in some))))

    def writing(self) -> tuple[Change, ...]:
        """What has to be there before anybody is told."""
        if not self.changes and self.revision == self._own_revision:
            return ()
        parts = zip(state.LISTS, self.current or MatchList(), strict=True)
        lists: dict[str, object] = {name: [one.to_json() for one in part] or None for name, part in parts}
        lists[state.MATCHES] = None if self.current is None else lists[state.MATCHES] or []
        record = {state.UNTOLD: Untold(self.told, self.told_at_most).to_json()}
        return (Change(self.point.listing_id, record=record, payload={state.REVISION: self.revision, **lists}),)

    def letters(self, generation: str, rules: Rules) -> tuple[Letter, Letter]:
        """To those who hear this generation, and to the listing's product."""
        now, told, at_most = _ids(self.current), self.told, self.told_at_most
        event = MatchEvent(
            listing_id=self.point.listing_id,
            revision=self.revision,
            generation=generation,
            cause=self.cause,
            matches=None if self.current is None else self.current.matches,
            added=tuple(one for one in now if one not in told),
            removed=tuple(one for one in at_most if one not in now),
            review=() if self.current is None else self.current.review,
            overruled=() if self.current is None else self.current.overruled,
            bundle=rules.bundle,
            thresholds=rules.policy.version,
        )
        mark = Letter.mark(Channel.REGROUP, Mark(self.point.listing_id, self.cause))
        key = self.point.listing_id.encode()
        return Letter(self.audience.matches, key, event.to_bytes(), event.headers()), mark

    def told_now(self) -> Change:
        """What is true once they know. The record is nulled with what they know, so that no crash parts the two."""
        payload: dict[str, object] = {}
        if self.audience is Audience.PUBLIC:
            payload = {state.HEARD: Heard.saying(self.revision, self.current).to_json(), state.UNTOLD: None}
        return Change(self.point.listing_id, payload=payload, forget=(state.UNTOLD,))

    @property
    def _own_revision(self) -> int:
        return int(self.point.payload.get(state.REVISION, 0))

    @property
    def _last(self) -> tuple[str, ...]:
        """What they certainly were told last, whether or not they were told more since."""
        untold = Untold.of(self.point.payload)
        if self.audience is Audience.PUBLIC:
            return self.heard.matches or ()
        return untold.listing_ids if untold else _ids(state.matches_of(self.point.payload))

    @property
    def _perhaps(self) -> list[tuple[str, ...]]:
        """The lists that attempts which were cut off may have told since."""
        untold, stored = Untold.of(self.point.payload), _ids(state.matches_of(self.point.payload))
        if untold is not None:
            return [untold.listing_ids, stored]
        unheard = self.audience is Audience.PUBLIC and self._own_revision > self.heard.revision
        return [stored] if unheard else []

    @property
    def _at_most(self) -> tuple[str, ...]:
        untold = Untold.of(self.point.payload)
        return untold.at_most if untold else ()


async def match(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Compute the lists of the listings a batch of `rematch` marks and tell those that changed.

    A record of what was known is written before the list and cleared after it was told: an attempt that was
    cut off in between is told again, with the same revision. While the generation is live, subscribers are told
    whatever they do not know, also where they know it of another generation; its revisions go on growing then.
    """
    audience, unheard, causes = dependencies.audience(), dependencies.unheard, causes_of(messages)
    points = await dependencies.index.read(causes, views=[View.BLENDED])
    lists = await current_lists(points, dependencies)
    dependencies.observer.listed([len(one.matches) for one in lists.values() if one is not None])
    looked_at = [_News(point, lists[one], causes[one], audience, unheard) for one, point in points.items()]
    news = [one for one in looked_at if one.to_tell]
    await dependencies.index.write([change for one in news for change in one.writing()])
    letters = [one.letters(dependencies.generation, dependencies.rules) for one in news]
    await dependencies.outbox.deliver([letter for both in letters for letter in both])
    await dependencies.index.write([one.told_now() for one in news])


async def current_lists(points: Mapping[str, Point], dependencies: Dependencies) -> dict[str, MatchList | None]:
    """The list of each point; None for one that has no blended embedding, because it is gone or not blended yet."""
    values = {listing_id: state.described(point, View.BLENDED) for listing_id, point in points.items()}
    verdicts = {listing_id: state.verdicts_of(point.payload) for listing_id, point in points.items()}
    same = {other for some in verdicts.values() for other, verdict in some.items() if verdict is Verdict.SAME}
    aim = Aim.at_candidates(dependencies.policy)
    around = await look_around(dependencies, aim, [value.embedding for value in values.values()], known=same)
    owners = Side(list(values), [value.details for value in values.values()])
    compared = Compared(owners, around.side, around.found, verdicts)
    lists = match_lists(compared, dependencies.rules, dependencies.observer.decided)
    listed = zip(values.items(), lists, strict=True)
    return {listing_id: list_ if value.embedding else None for (listing_id, value), list_ in listed}


def _ids(matches: MatchList | None) -> tuple[str, ...]:
    return tuple(match.listing_id for match in matches.matches) if matches else ()
