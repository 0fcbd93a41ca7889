"""Photos that could not be had for a while are fetched again, so that a host that was down leaves no trace.

Worked off beside the embed stage. What it sends is one more event of the same version: the index stage
joins it with what it has, so that it can come at any time and any number of times. Of a version that is
known to be overtaken nothing is sent; the index is asked twice, for hosts that hang take their time. What
slips through, because the newer version was still on its way, does no harm (`streams.stages.retelling`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from streams.events import EmbeddingEvent, Listing, Message
from streams.events.refetches import Refetch
from streams.events.rows import same_rows
from streams.index.port import Index, Point
from streams.stages import state
from streams.stages.contents import NOTHING, Looked, joined, reusable
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.encoding import Made, make
from streams.stages.observer import Why

_log = logging.getLogger(__name__)


async def refetch(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Fetch the photos of a batch of the topic `refetch` once more, each listing's newest version only.

    A photo that is there now, or never will be, is told to the index stage. One whose server is still
    troubled is asked for again, as often as the dependencies allow; then it waits for the next update. Of
    several photos, the first one that comes is told at once, those that come later when all are there or
    nobody asks for more.
    """
    read, dead = read_or_lay_aside(messages, Refetch.from_message)
    dependencies.observer.laid_aside("embed", Why.UNREADABLE, len(dead))
    wanted = await _that_count(_newest(read), dependencies.index)
    listings = {one.event.listing_id: Listing.model_validate(one.event.listing) for one in wanted}
    found = await reusable(listings, dependencies.index, dependencies.looks)
    known = {one.event.listing_id: _known(one.event, found) for one in wanted}
    made = await make(listings, known, dependencies)
    letters = []
    counting = await _that_count(wanted, dependencies.index)
    _tell_lost(counting, made, dependencies)
    for one in counting:
        i = one.event.listing_id
        event = made.completed(one.event, known[i])
        letters += _again(one, event, dependencies) if i in made.passing else [_for_index(event)]
    await dependencies.outbox.deliver([*dead, *letters])


def asked(request: Refetch) -> Letter:
    """Asks for a photo; each further attempt waits in a partition of its own, longer than the one before."""
    event = request.event
    return Letter(
        Channel.REFETCH,
        event.listing_id.encode(),
        event.to_bytes(),
        request.headers(),
        partition=request.attempt - 1,
    )


def _newest(requests: Iterable[Refetch]) -> list[Refetch]:
    """Of each listing the newest version, and of that the attempt that has come furthest."""
    newest: dict[str, Refetch] = {}
    for one in sorted(requests, key=_age):
        newest[one.event.listing_id] = one
    return list(newest.values())


def _age(request: Refetch) -> tuple[bool, object, int]:
    version = request.event.version
    return version is not None, version, request.attempt


async def _that_count(requests: Sequence[Refetch], index: Index) -> list[Refetch]:
    """Those whose version is not known to be overtaken or withdrawn; one that the index has not seen yet counts."""
    points = await index.read({one.event.listing_id for one in requests})
    return [one for one in requests if _counts(one.event, points.get(one.event.listing_id))]


def _counts(event: EmbeddingEvent, point: Point | None) -> bool:
    standing = state.standing_of(point.payload if point else {}).after(event.version, event.position)
    return standing.listed and standing.version == event.version


def _known(event: EmbeddingEvent, found: Mapping[str, Looked]) -> Looked:
    """The rows that the event carries, and those that came into the index in the meantime."""
    return joined([found.get(event.listing_id, NOTHING), Looked.of_event(event)])


def _tell_lost(requests: Iterable[Refetch], made: Made, dependencies: Dependencies) -> None:
    """Tell how many are fetched no more; the embed stage told that they would be, so the attempts between don't."""
    failed = [one for one in requests if one.event.listing_id in made.failed]
    again = [
        one for one in failed if one.event.listing_id in made.passing and one.attempt < dependencies.image_refetches
    ]
    dependencies.observer.without_photo(0, len(failed) - len(again))


def _for_index(event: EmbeddingEvent) -> Letter:
    return Letter(Channel.EMBEDDINGS, event.listing_id.encode(), event.to_bytes())


def _again(request: Refetch, event: EmbeddingEvent, dependencies: Dependencies) -> list[Letter]:
    """The next attempt, and what came of this one, if that is more than there was."""
    before, next_ = request.event, request.once_more(event)
    if next_.attempt <= dependencies.image_refetches:
        first = event.embedding.keys() > before.embedding.keys()
        return [*([_for_index(event)] if first else []), asked(next_)]
    _log.warning(
        "the photo of listing '%s' was fetched again %d times, or its caption tried; it waits for the listing's next "
        "update: %s",
        event.listing_id,
        dependencies.image_refetches,
        next(iter(event.failures.values()), "some of its photos came"),
    )
    return [] if same_rows(event.embedding, before.embedding) else [_for_index(event)]
