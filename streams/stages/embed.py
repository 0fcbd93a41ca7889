"""The embed stage: sellers' messages in, complete embeddings out, dead letters aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streams.events import EmbeddingEvent, ListingEvent, Message, read_listing_event
from streams.events.refetches import Refetch
from streams.stages.contents import NOTHING, Looked, reusable
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.encoding import Made, make
from streams.stages.observer import Why
from streams.stages.refetch import asked


async def embed(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Embed a batch of the topic `listings`, a listing that came several times only once.

    A message that can't be read goes to the dead letters as it came. An image that can't be had or
    decoded leaves its listing with the other modalities; one whose server is troubled is asked for again
    later by `refetch`, any by the next update. Contents that are in the index already are not embedded
    again: their rows are copied from there.
    """
    events, dead = read_or_lay_aside(messages, read_listing_event)
    dependencies.observer.laid_aside("embed", Why.UNREADABLE, len(dead))
    counting = _that_count(events)
    listings = {event.listing_id: event.listing for event in counting if event.listing is not None}
    known = await reusable(listings, dependencies.index, dependencies.looks)
    dependencies.observer.reused(one.embedding for one in known.values())
    made = await make(listings, known, dependencies)
    later = made.failed & made.passing if dependencies.image_refetches else frozenset()
    dependencies.observer.without_photo(len(later), len(made.failed - later))
    told = [_told(event, known, made) for event in counting]
    letters = [Letter(Channel.EMBEDDINGS, one.listing_id.encode(), one.to_bytes()) for one in told]
    missing = [one for one in told if one.listing is not None and one.listing_id in made.passing]
    again = [asked(Refetch(one)) for one in missing] if dependencies.image_refetches else []
    await dependencies.outbox.deliver([*dead, *letters, *again])


def _that_count(events: Iterable[ListingEvent]) -> list[ListingEvent]:
    """The events that can still decide: of each listing the newest version, and the last withdrawal without one."""
    versioned: dict[str, ListingEvent] = {}
    withdrawals: dict[str, ListingEvent] = {}
    for event in sorted(events, key=lambda event: event.position):
        before = versioned.get(event.listing_id)
        if event.version is None:
            withdrawals[event.listing_id] = event
        elif before is None or before.version is None or event.version > before.version:
            versioned[event.listing_id] = event
    return [*versioned.values(), *withdrawals.values()]


def _told(event: ListingEvent, known: Mapping[str, Looked], made: Made) -> EmbeddingEvent:
    told = EmbeddingEvent(event.listing_id, event.version, event.position, event.raw)
    if event.listing is None:
        return told
    return made.completed(told, known.get(event.listing_id, NOTHING))
