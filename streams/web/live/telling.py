"""From events, and what was known before, to stories; the same change is told once.

A pair stands in the lists of both its listings: the one with the smaller id tells it. Products tell what their
pairs do not: two that became one, one that came apart. What is old news is no story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from streams.events.judgements import Judgement
from streams.events.matches import Match, MatchEvent
from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.web.live.causes import cause_of
from streams.web.live.stories import Story, StoryKind

_TOGETHER: Final = 2
"""Listings from which on a product is more than a listing."""
_JOINED: Final = frozenset({StoryKind.FOUND, StoryKind.LOST, StoryKind.REVIEW})


@dataclass(frozen=True, slots=True)
class KnownList:
    """The list of a listing as it was told before."""

    matched: frozenset[str] = frozenset()
    reviewed: frozenset[str] = frozenset()


def of_list(event: MatchEvent, before: KnownList | None, at_ms: int) -> Iterator[Story]:
    """What a match event has new; without anything known before, what it calls new itself."""
    owner = event.listing_id
    if event.matches is None:
        if before is not None:
            yield Story(StoryKind.WITHDRAWN, owner, tuple(sorted(before.matched)), at_ms)
        return
    known = _known_before(event) if before is None else before
    matched, reviewed = _by_id(event.matches), _by_id(event.review)
    lost = known.matched - matched.keys()
    for other in _larger(owner, matched.keys() - known.matched):
        yield from _pair(StoryKind.FOUND, event, other, at_ms, matched[other])
    for other in _larger(owner, lost - reviewed.keys()):
        yield from _pair(StoryKind.LOST, event, other, at_ms)
    for other in _larger(owner, reviewed.keys() - known.reviewed):
        yield from _pair(StoryKind.REVIEW, event, other, at_ms, reviewed[other])


def joined(stories: Iterable[Story]) -> list[Story]:
    """Those of one kind, about one listing and for one cause as one, in the order of the first of each."""
    result: list[Story] = []
    places: dict[tuple[StoryKind, str, str], int] = {}
    for story in stories:
        key = story.kind, story.about, story.cause
        if story.kind not in _JOINED or key not in places:
            places[key] = len(result)
            result.append(story)
            continue
        first = result[places[key]]
        others = tuple(dict.fromkeys((*first.others, *story.others)))
        facts = {"pairs": first.facts["pairs"] | story.facts["pairs"]}
        result[places[key]] = replace(first, others=others, facts=facts, at_ms=max(first.at_ms, story.at_ms))
    return result


def of_judgement(judgement: Judgement, at_ms: int) -> Story:
    """What a person said."""
    one, other = judgement.listing_ids
    facts = {"verdict": judgement.verdict, "by": judgement.by}
    return Story(StoryKind.JUDGED, one, (other,), at_ms, facts=facts)


def of_product(event: ProductEvent, before: tuple[str, ...] | None, at_ms: int) -> Iterator[Story]:
    """Two products that became one, or one that came apart; single listings that come or go are told as pairs."""
    if event.members is None or before is None:
        return
    came, left = set(event.members) - set(before), set(before) - set(event.members)
    facts: dict[str, Any] = {"product_id": event.product_id, "was": len(before), "is": len(event.members)}
    about = event.members[0]
    if event.merged_from and len(came) >= _TOGETHER <= len(before):
        yield Story(StoryKind.MERGED, about, tuple(sorted(came)), at_ms, event.cause, facts)
    by_people = cause_of(event.cause).by_people
    if event.split_into and left and (by_people or len(left) >= _TOGETHER <= len(event.members)):
        yield Story(StoryKind.SPLIT, about, tuple(sorted(left)), at_ms, event.cause, facts)


def of_prices(
    event: ProductEvent, before: Mapping[str, tuple[str | None, str | None]], best: Mapping[str, str], at_ms: int
) -> Iterator[Story]:
    """Offers that cost less or more than before, in the same currency.

    Args:
        event: of a product.
        before: what each listing asked for, price and currency.
        best: by currency the product's best price before.
        at_ms: when.
    """
    for offer in event.offers:
        price, currency = before.get(offer.listing_id, (None, None))
        change = _change(price, offer.price)
        if change and currency == offer.currency:
            kind = StoryKind.DROP if change < 0 else StoryKind.RISE
            yield Story(kind, offer.listing_id, (), at_ms, facts=_price_facts(event, offer, price, best))


def _change(old: str | None, new: str | None) -> Decimal:
    """By how much; 0 where one is missing, or is no number because somebody else wrote into the topic."""
    try:
        return Decimal(new) - Decimal(old) if old is not None and new is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _price_facts(event: ProductEvent, offer: Offer, price: str | None, best: Mapping[str, str]) -> dict[str, Any]:
    currency = offer.currency or ""
    facts: dict[str, Any] = {"product_id": event.product_id, "old": price, "new": offer.price, "currency": currency}
    now, was = event.best[currency], best.get(currency)
    if len(event.offers) >= _TOGETHER and _change(was, now.price):
        facts["best"] = {"old": was, "new": now.price, "listing_id": now.listing_id}
    return facts


def _known_before(event: MatchEvent) -> KnownList:
    """What the event itself says of the list before it."""
    if event.revision == 1:
        return KnownList()
    matched = frozenset(_by_id(event.matches or ())) - set(event.added) | set(event.removed)
    return KnownList(matched, frozenset(_by_id(event.review)))


def _pair(kind: StoryKind, event: MatchEvent, other: str, at_ms: int, match: Match | None = None) -> Iterator[Story]:
    cause, pair = cause_of(event.cause), {event.listing_id, other}
    if cause.verdict in {"same", "different"} and cause.listing_id in pair and kind is not StoryKind.REVIEW:
        return  # the judgement is a story of its own
    if kind is StoryKind.LOST and cause.withdrawn and cause.listing_id in pair:
        return  # so is the withdrawal
    about = cause.listing_id if cause.listing_id in pair else event.listing_id
    [away] = pair - {about}
    facts = {"pairs": {away: match.to_json() if match else None}}
    yield Story(kind, about or "", (away,), at_ms, event.cause, facts)


def _by_id(matches: Iterable[Match]) -> dict[str, Match]:
    return {match.listing_id: match for match in matches}


def _larger(owner: str, others: Iterable[str]) -> list[str]:
    return sorted(other for other in others if other > owner)


__all__ = ["KnownList", "joined", "of_judgement", "of_list", "of_prices", "of_product"]
