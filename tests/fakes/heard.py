"""What is wrong with a log of what subscribers heard, if anything is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from streams.events import MatchEvent, MatchList, Message
from streams.events.headers import read_told
from streams.events.products import ProductEvent
from streams.matching import Verdicts
from streams.matching.grouping import Group, products
from streams.stages import Channel
from streams.stages.state import Heard

LIMIT = 200


def wrong_with(
    log: Sequence[Message], wanted: Mapping[str, MatchList], prices: Mapping[str, object], verdicts: Verdicts
) -> list[str]:
    """Everything that is not as it should be: the state in the end, revisions, what was added and removed."""
    matches = [one for one in log if one.topic == Channel.MATCHES]
    told = [one for one in log if one.topic == Channel.PRODUCTS]
    groups = products({one: list_.matches for one, list_ in wanted.items()}, LIMIT, verdicts)
    return [*_lists(matches, wanted), *_news(matches), *_products(told, groups, prices), *_product_news(told)]


def _lists(log: Sequence[Message], wanted: Mapping[str, MatchList]) -> Iterator[str]:
    last = {event.listing_id: _decision(event) for event in map(_match_event, log)}
    for one in sorted({*last, *wanted}):
        there = Heard.saying(0, wanted.get(one)).decision
        if last.get(one) != there:
            yield f"list of {one}: {last.get(one)}, {there} wanted"


def _news(log: Sequence[Message]) -> Iterator[str]:
    """Revisions never go back, each says one thing, and what was added and removed leads from one to the next."""
    known: dict[str, MatchEvent] = {}
    for event in map(_match_event, log):
        before = known.get(event.listing_id)
        if before is not None and event.revision < before.revision:
            yield f"revision of {event.listing_id} went from {before.revision} back to {event.revision}"
        if before is not None and event.revision == before.revision and _decision(event) != _decision(before):
            yield f"revision {event.revision} of {event.listing_id} said two things"
        if before is None or event.revision > before.revision:
            yield from _delta(before, event)
            if before is not None and event.cause.startswith("generation") and event.matches == before.matches:
                yield from _in_vain(before, event)
            known[event.listing_id] = event


def _delta(before: MatchEvent | None, event: MatchEvent) -> Iterator[str]:
    if event.matches is None:
        return
    was = set() if before is None else {one.listing_id for one in before.matches or ()}
    now = {one.listing_id for one in event.matches}
    if (was | set(event.added)) - set(event.removed) != now or not set(event.added) <= now:
        yield f"{event.listing_id} at {event.revision}: +{event.added} -{event.removed} between {was} and {now}"


def _in_vain(before: MatchEvent, event: MatchEvent) -> Iterator[str]:
    if (event.review, event.overruled) == (before.review, before.overruled):
        yield f"{event.listing_id} was told again although nothing changed"


def _products(log: Sequence[Message], groups: Mapping[str, Group], prices: Mapping[str, object]) -> Iterator[str]:
    last = {event.product_id: event for event in map(_product_event, log)}
    there = {one: event.members for one, event in last.items() if event.members is not None}
    if there != {one: group.members for one, group in groups.items()}:
        yield f"products {there}, {groups} wanted"
    for event in last.values():
        for offer in event.offers:
            if offer.price != prices.get(offer.listing_id):
                yield f"price of {offer.listing_id} in {event.product_id}: {offer.price}"


def _product_news(log: Sequence[Message]) -> Iterator[str]:
    known: dict[str, ProductEvent] = {}
    for event in map(_product_event, log):
        before = known.get(event.product_id)
        if before is not None and event.revision < before.revision:
            yield f"revision of product {event.product_id} went from {before.revision} back to {event.revision}"
        if before is not None and event.revision == before.revision and event.members != before.members:
            yield f"revision {event.revision} of product {event.product_id} said two things"
        known[event.product_id] = event


def _decision(event: MatchEvent) -> object:
    return Heard.saying(0, None if event.matches is None else MatchList(event.matches, event.review)).decision


def _match_event(message: Message) -> MatchEvent:
    event = MatchEvent.from_bytes(message.key, message.value)
    if event.matches is not None:
        return event
    revision, generation = read_told(message.headers)
    return MatchEvent(event.listing_id, revision, generation, "", None)


def _product_event(message: Message) -> ProductEvent:
    event = ProductEvent.from_bytes(message.key, message.value)
    if event.members is not None:
        return event
    revision, generation = read_told(message.headers)
    return ProductEvent(event.product_id, revision, generation, "", None)
