"""Following the topic `matches` while another generation is live: what subscribers know of each listing."""

from __future__ import annotations

from collections.abc import Sequence

from streams.events import MatchEvent, MatchList, Message
from streams.events.headers import read_told
from streams.index.port import Change
from streams.stages import state
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Dependencies
from streams.stages.state import Heard


async def follow_matches(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Write what the live generation tells into this one's points, so that it can go on from there one day.

    What this generation told itself, while it was live, the match stage wrote. A listing need not be there
    yet. An event may come again after a later one: the revision says which is the later.
    """
    heard, dead = read_or_lay_aside(messages, lambda message: _heard(message, dependencies.generation))
    last = {listing_id: one for listing_id, one in heard if one is not None}
    points = await dependencies.index.read(last)
    stored = {listing_id: Heard.of(point.payload) for listing_id, point in points.items()}
    news = {one: now for one, now in last.items() if (was := stored.get(one)) is None or was.revision < now.revision}
    await dependencies.index.write([Change(one, payload={state.HEARD: now.to_json()}) for one, now in news.items()])
    await dependencies.outbox.deliver(dead)


def _heard(message: Message, generation: str) -> tuple[str, Heard | None]:
    """What an event says of which listing; None where it is of the own generation."""
    event = MatchEvent.from_bytes(message.key, message.value)
    revision, teller = read_told(message.headers) if event.matches is None else (event.revision, event.generation)
    if teller == generation:
        return event.listing_id, None
    list_ = None if event.matches is None else MatchList(event.matches, event.review)
    return event.listing_id, Heard.saying(revision, list_)
