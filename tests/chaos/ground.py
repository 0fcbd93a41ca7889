"""What an undisturbed run comes to: computed from the log that Kafka has, without any of the stages."""

from __future__ import annotations

from collections.abc import Sequence

from fakes.outcome import listed, unreadable, verdicts
from yarl import URL

from chaos.images import photo
from chaos.light import DEADLY, RAISES, light_encoder
from encoders.types import Content
from streams.events import ListingEvent, Message
from streams.matching import Catalogue, Details

_HAZARDS = (RAISES.encode(), DEADLY.encode())


def poison(log: Sequence[Message]) -> list[Message]:
    """The messages that nobody can read or survive."""
    return [*unreadable(log), *(one for one in log if _hazardous(one))]


def catalogue(log: Sequence[Message]) -> Catalogue:
    """The listings and verdicts that a log comes to, with the photos that are there to be had."""
    events = listed([one for one in log if not _hazardous(one)])
    contents = [Content(event.listing.title, _photo(event)) for event in events.values() if event.listing]
    encoded = dict(zip(events, light_encoder().encode(contents), strict=True))
    raw = {one: there.embedding for one, there in encoded.items() if there.embedding}
    return Catalogue(raw, {one: Details.of(event.raw) for one, event in events.items()}, verdicts(log))


def _hazardous(message: Message) -> bool:
    return (message.key or b"").startswith(_HAZARDS)


def _photo(event: ListingEvent) -> bytes | None:
    image = event.listing.image if event.listing else None
    return photo(URL(image).path) if image else None
