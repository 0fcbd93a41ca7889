"""Whether the end of a run is that of an undisturbed one: what was lost, what is wrong, what came twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from fakes.outcome import last_prices

from chaos import ground
from encoders.bundle import read_bundle
from streams.brokers.dead_letters import read_dead_letters
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.events import MatchEvent, Message
from streams.events.products import ProductEvent
from streams.events.records import original_headers
from streams.events.rows import same_rows
from streams.index.port import Index
from streams.matching import Catalogue, reference
from streams.matching.bundled import rules_of
from streams.settings import Settings
from streams.stages import Dependencies, Letter
from streams.verification import Kind, compare_told, verify
from streams.verification.stored import Stored

_SHOWN: Final = 20
Acknowledged = Mapping[tuple[str, int, int], Message]


@dataclass
class Findings:
    """What is not as it should be, in words, and what came more than once.

    Args:
        lost: messages acknowledged by Kafka that are neither in its log, nor worked off, nor laid aside.
        wrong: whatever is otherwise than in the reference.
        duplicates: events and dead letters that were delivered again.
        poison: messages that had to be laid aside.
        listings: that are there at the end.
        matched: of them, those with at least one match.
    """

    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    duplicates: int = 0
    poison: int = 0
    listings: int = 0
    matched: int = 0

    @property
    def good(self) -> bool:
        return not self.lost and not self.wrong and self.matched > 0

    def shown(self) -> Iterator[str]:
        """The first of each."""
        for kind, words in (("lost", self.lost), ("wrong", self.wrong)):
            yield from (f"{kind}: {one}" for one in words[:_SHOWN])


async def look_at(settings: Settings, index: Index, acknowledged: Acknowledged) -> Findings:
    """Compare everything at the end of a run with the reference over the log that Kafka has."""
    found, topics = Findings(), Topics(settings)
    log = [*await _all(settings, topics.listings.name), *await _all(settings, topics.judgements.name)]
    found.lost += _not_in(log, acknowledged)
    await _dead_letters(settings, log, found)
    matches = _matches(await _all(settings, topics.matches.name), found)
    products = _products(await _all(settings, topics.products.name), found)
    dependencies = _to_look(settings, index)
    verified = await verify(dependencies, lambda *_: None)
    differences = [*verified.differences, *compare_told(verified.stored, matches, products)]
    found.wrong += [f"{one.what} of {one.subject}: {one.words}" for one in differences if one.kind is not Kind.ROUNDING]
    wanted = ground.catalogue(log)
    _truth(verified.stored, wanted, found)
    _prices(products, last_prices(log), found)
    lists = reference(wanted, dependencies.rules)
    for listing_id in sorted({*lists, *(one for one, event in matches.items() if event.matches is not None)}):
        told = matches.get(listing_id)
        if listing_id not in lists or told is None or told.matches != lists[listing_id].matches:
            found.wrong.append(f"matches of {listing_id}: not the reference's")
    found.listings, found.matched = len(lists), sum(1 for one in lists.values() if one.matches)
    return found


class _NoOutbox:
    async def deliver(self, letters: Sequence[Letter]) -> None:
        raise AssertionError(f"whoever looks was about to send {len(letters)} letters")


def _to_look(settings: Settings, index: Index) -> Dependencies:
    return Dependencies(index, _NoOutbox(), rules_of(read_bundle(settings.bundle)), generation=settings.generation)


async def _all(settings: Settings, topic: str) -> list[Message]:
    async with aclosing(read_records(settings, topic, until_end=True)) as records:
        return [record async for record in records]


def _not_in(log: Sequence[Message], acknowledged: Acknowledged) -> list[str]:
    there = {(one.topic, one.partition, one.offset): (one.key, one.value) for one in log}
    return [f"{place}" for place, one in acknowledged.items() if there.get(place) != (one.key, one.value)]


async def _dead_letters(settings: Settings, log: Sequence[Message], found: Findings) -> None:
    """Every poison message is there as it came, and nothing else is."""
    wanted = {(one.topic, one.partition, one.offset): one for one in ground.poison(log)}
    seen: dict[tuple[str, int, int], Message] = {}
    async with aclosing(read_dead_letters(settings)) as letters:
        async for letter in letters:
            place = (letter.topic, *letter.place)
            found.duplicates += place in seen
            seen[place] = letter.record
    found.poison = len(wanted)
    found.lost += [f"poison at {place} is not in the dead letters" for place in wanted.keys() - seen.keys()]
    found.wrong += [f"{place} was laid aside: {_reason(seen[place])}" for place in seen.keys() - wanted.keys()]
    for place in wanted.keys() & seen.keys():
        came, lies = wanted[place], seen[place]
        if (came.key, came.value, came.headers) != (lies.key, lies.value, original_headers(lies.headers)):
            found.wrong.append(f"dead letter of {place} is not as it came")


def _reason(record: Message) -> str:
    return record.headers.get("matchstream.reason", b"").decode()


def _matches(records: Sequence[Message], found: Findings) -> dict[str, MatchEvent]:
    """The last event of each listing."""
    events = [MatchEvent.from_bytes(record.key, record.value) for record in records]
    _revisions(((one.listing_id, one.revision, one.matches) for one in events), found)
    return {one.listing_id: one for one in events}


def _products(records: Sequence[Message], found: Findings) -> dict[str, ProductEvent]:
    """The last event of each product."""
    events = [ProductEvent.from_bytes(record.key, record.value) for record in records]
    _revisions(((one.product_id, one.revision, one.members and (one.members, one.offers)) for one in events), found)
    return {one.product_id: one for one in events}


def _revisions(told: Iterable[tuple[str, int, object]], found: Findings) -> None:
    """They grow, and one that comes again says what it said; who is gone has none."""
    highest: dict[str, tuple[int, object]] = {}
    for key, revision, said in told:
        before = highest.get(key)
        if said is None or before is None or revision > before[0]:
            highest[key] = (before[0] if before else 0, None) if said is None else (revision, said)
        elif (revision, said) == before:
            found.duplicates += 1
        else:
            found.wrong.append(f"revision {revision} of {key} after {before[0]}")


def _prices(products: Mapping[str, ProductEvent], wanted: Mapping[str, str | None], found: Findings) -> None:
    for product in products.values():
        for offer in product.offers:
            if offer.price != wanted.get(offer.listing_id):
                words = f"{offer.price}, {wanted.get(offer.listing_id)} wanted"
                found.wrong.append(f"offer of {offer.listing_id} in product {product.product_id}: {words}")


def _truth(stored: Stored, wanted: Catalogue, found: Findings) -> None:
    """Everything that was published last is in the index."""
    found.lost += [f"listing {one} is not in the index" for one in sorted(wanted.raw.keys() - stored.raw.keys())]
    found.wrong += [f"listing {one} should be gone" for one in sorted(stored.raw.keys() - wanted.raw.keys())]
    for one in sorted(wanted.raw.keys() & stored.raw.keys()):
        if not same_rows(wanted.raw[one], stored.raw[one]):
            words = f"{sorted(stored.raw[one])}, {sorted(wanted.raw[one])} wanted"
            found.wrong.append(f"rows of {one} are not those of its last version: {words}")
        elif wanted.details[one] != stored.details[one]:
            found.wrong.append(f"words of {one} are not those of its last version")
