"""What the topics say of two generations, each read to its end; the last record of a key counts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.errors import UnreadableEventError
from streams.events import Judgement, MatchEvent, Message
from streams.events.listing_model import photos_of
from streams.matching.details import Details
from streams.matching.grouping import BareLink, Links
from streams.reindex.difference.difference import Listed, Progress, Wanted
from streams.reindex.difference.labelled import label_of
from streams.reindex.difference.pairs import Lists, Pair
from streams.reindex.difference.seen import Sights
from streams.reindex.difference.sides import Side
from streams.settings import Settings

_TOLD_EVERY: Final = 1000


@dataclass(slots=True)
class Told:
    """Who lists whom, and which lists another generation told last."""

    lists: dict[str, Links] = field(default_factory=dict)
    by_others: set[str] = field(default_factory=set)

    def learn(self, event: MatchEvent, links: Links, name: str) -> None:
        """Take over what an event says."""
        if event.matches is None:
            self.lists.pop(event.listing_id, None)
        else:
            self.lists[event.listing_id] = links
        others = event.matches is not None and event.generation != name
        (self.by_others.add if others else self.by_others.discard)(event.listing_id)


async def told_by(side: Side, progress: Progress, like: Lists | None = None, *, similarities: bool = False) -> Told:
    """Who lists whom in a generation, and how similar if that is asked for; what is the same in `like` is kept once."""
    told = Told()
    ids: dict[str, str] = {}
    kinds: dict[BareLink, BareLink] = {}
    async for record in _records(side.settings, side.topic, f"lists of {side.name}", progress):
        event = MatchEvent.from_bytes(record.key, record.value)
        links = {
            ids.setdefault(one.listing_id, one.listing_id): kinds.setdefault(link, link)
            for one in event.matches or ()
            for link in [BareLink(one.strong, one.similarity if similarities else 0.0)]
        }
        known = (like or {}).get(event.listing_id)
        told.learn(event, known if known is not None and known == links else links, side.name)
    return told


async def sights_of(side: Side, pairs: Iterable[Pair], progress: Progress) -> Sights:
    """How a generation sees some pairs."""
    sights = Sights(pairs)
    async for record in _records(side.settings, side.topic, f"pairs of {side.name}", progress):
        if sights.wants((record.key or b"").decode("utf-8", "replace")):
            sights.learn(MatchEvent.from_bytes(record.key, record.value))
    return sights


async def judgements(settings: Settings, progress: Progress) -> dict[Pair, Judgement]:
    """The last verdict on each pair; what can't be read is among the dead letters."""
    found: dict[Pair, Judgement] = {}
    async for record in _records(settings, Topics(settings).judgements.name, "judgements", progress):
        try:
            judgement = Judgement.from_bytes(record.key, record.value)
        except UnreadableEventError:
            continue
        found[judgement.listing_ids] = judgement
    return found


@dataclass(slots=True)
class Catalogue:
    """What sellers say of the listings that either generation has.

    Args:
        categories: of each.
        labels: of each that has one.
        listings: those that are spoken of.
    """

    categories: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    listings: dict[str, Listed] = field(default_factory=dict)


async def catalogue(
    settings: Settings, known: Collection[str], spoken_of: Collection[str], wanted: Wanted, progress: Progress
) -> Catalogue:
    """Read the listings that are known, and keep more of those that are spoken of."""
    found = Catalogue(labels={one: label for one, label in wanted.labels.items() if one in known})
    names: dict[str, str] = {}
    async for record in _records(settings, Topics(settings).listings.name, "listings", progress):
        listing_id = (record.key or b"").decode("utf-8", "replace")
        listing = _json(record.value)
        if listing_id not in known or listing is None:
            continue
        shown = _listed(listing)
        found.categories[listing_id] = names.setdefault(shown.category, shown.category)
        if wanted.label and not wanted.labels:
            found.labels[listing_id] = label_of(listing.get(wanted.label))
        if listing_id in spoken_of:
            found.listings[listing_id] = shown
    found.labels = {one: label for one, label in found.labels.items() if label}
    return found


def _listed(listing: Mapping[str, Any]) -> Listed:
    words = Details.of({name: listing.get(name) for name in ("title", "category")})
    price, currency = (listing.get(name) for name in ("price", "currency"))
    return Listed(
        words.title,
        words.category,
        next(iter(photos_of(listing)), ""),
        f"{price} {currency}" if isinstance(price, str | int | float) and isinstance(currency, str) else "",
    )


def _json(value: bytes | None) -> dict[str, Any] | None:
    """A listing; None for what withdraws one and for what the embed stage lays aside."""
    try:
        found = orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


async def _records(settings: Settings, topic: str, doing: str, progress: Progress) -> AsyncGenerator[Message]:
    read = 0
    async with aclosing(read_records(settings, topic, until_end=True)) as records:
        async for record in records:
            yield record
            read += 1
            if read % _TOLD_EVERY == 0:
                progress(doing, _TOLD_EVERY)
    progress(doing, read % _TOLD_EVERY)
