"""What a log of messages comes to, by the reference: who is listed at its end, with which matches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fakes.hash_encoder import HashEncoder

from encoders.loading import Derive, derive_nothing
from encoders.types import Content, Encoded, Encoder
from streams.errors import UnreadableEventError
from streams.events import Judgement, Listing, ListingEvent, Message, Standing, Verdict, read_listing_event
from streams.matching import Catalogue, Details, Policy, Rules, reference
from streams.stages.contents import PLAIN, Looks

LISTINGS = "listings"
JUDGEMENTS = "judgements"


def listed(messages: Sequence[Message]) -> dict[str, ListingEvent]:
    """The event that counts of every listing that is there at the end of a log."""
    standings: dict[str, Standing] = {}
    published = {}
    for message in messages:
        if message.topic == LISTINGS and (event := _readable(message)) is not None:
            before = standings.get(event.listing_id, Standing())
            standings[event.listing_id] = before.after(event.version, event.position)
            published[event.listing_id, event.version] = event
    return {i: published[i, one.version] for i, one in sorted(standings.items()) if one.listed}


def unreadable(messages: Sequence[Message]) -> list[Message]:
    """The messages of listings that belong into the dead letters."""
    return [message for message in messages if message.topic == LISTINGS and _readable(message) is None]


def _readable(message: Message) -> ListingEvent | None:
    try:
        return read_listing_event(message)
    except UnreadableEventError:
        return None


def last_prices(messages: Sequence[Message]) -> dict[str, str | None]:
    """What each listing costs at the end of a log."""
    return {i: event.raw.get("price") for i, event in listed(messages).items()}


def catalogue(
    messages: Sequence[Message], encoder: Encoder, derive: Derive = derive_nothing, looks: Looks = PLAIN
) -> Catalogue:
    """What a log of events comes to: every listing that is there at its end, and the last verdict on each pair."""
    events = listed(messages)
    seen = encoded(messages, encoder, looks)
    raw = {i: derive(one.embedding, events[i].raw) for i, one in seen.items() if one.embedding}
    details = {i: Details.of(event.raw) for i, event in events.items()}
    return Catalogue(raw, details, verdicts(messages))


def encoded(messages: Sequence[Message], encoder: Encoder, looks: Looks = PLAIN) -> dict[str, Encoded]:
    """What an encoder says of every listing that is there at the end of a log, seen for the first time."""
    events = listed(messages)
    contents = [_content(event.listing, looks) for event in events.values()]
    return dict(zip(events, encoder.encode(contents), strict=True))


def _content(listing: Listing, looks: Looks) -> Content:
    there = [photo.encode() for photo in looks.photos_of(listing) if not photo.startswith("missing")]
    described = (listing.title or "") if looks.captions else None
    return Content(listing.title, next(iter(there), None), described, tuple(there[1:]))


def verdicts(messages: Sequence[Message]) -> dict[str, dict[str, Verdict]]:
    """The last verdict on each pair, under both."""
    found: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for message in messages:
        if message.topic == JUDGEMENTS:
            judgement = Judgement.from_bytes(message.key, message.value)
            one, other = judgement.listing_ids
            found[one][other] = found[other][one] = judgement.verdict or Verdict.UNSURE
    return found


def expected(messages: Sequence[Message], policy: Policy, encoder: Encoder | None = None) -> dict[str, tuple]:
    """The matches of the reference over a log of events."""
    lists = reference(catalogue(messages, encoder or HashEncoder()), Rules(policy))
    return {listing_id: list_.matches for listing_id, list_ in lists.items()}
