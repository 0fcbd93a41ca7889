"""Comparing what was told with what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streams.events import MatchEvent, MatchList
from streams.events.products import ProductEvent
from streams.stages.dependencies import Audience
from streams.verification.differences import Difference, Kind, What
from streams.verification.stored import Stored


def compare_told(
    stored: Stored,
    matches: Mapping[str, MatchEvent],
    products: Mapping[str, ProductEvent],
    *,
    gaps: bool = False,
) -> list[Difference]:
    """What the compacted topics say otherwise than the index.

    Args:
        stored: all that the index holds.
        matches: the last event of each listing; one that is gone has no list.
        products: the last event of each product; one that is gone has no members.
        gaps: whether some of the last events may be missing: then those count alone that are as new as what is stored.
    """
    return [*_lists(stored, matches, gaps=gaps), *_products(stored, products, gaps=gaps)]


def _lists(stored: Stored, told: Mapping[str, MatchEvent], *, gaps: bool) -> Iterator[Difference]:
    for listing_id in sorted({*stored.lists, *told}):
        here, event = stored.lists.get(listing_id), told.get(listing_id)
        if gaps and (event is None or event.revision != stored.revisions.get(listing_id)):
            continue
        words = (
            _heard_otherwise(stored, event) if event and _earlier(stored, event) else _otherwise(stored, here, event)
        )
        if words:
            yield Difference(Kind.FAULT, listing_id, What.MATCHES_TOPIC, words)


def _earlier(stored: Stored, event: MatchEvent) -> bool:
    """Whether an event was told before the generation became live, so that it may say the same in other numbers."""
    if event.matches is None or not stored.fields.generation or stored.fields.audience is Audience.SHADOW:
        return False
    if event.generation != stored.fields.generation:
        return True
    heard = stored.heard.get(event.listing_id)
    return heard is not None and heard.revision == event.revision < stored.revisions.get(event.listing_id, 0)


def _otherwise(stored: Stored, here: MatchList | None, event: MatchEvent | None) -> str:
    """How an event of this generation differs from what is stored; empty if it does not."""
    there = list_of(event)
    if here != there:
        return f"told {_list(there)}; stored {_list(here)}"
    if event is not None and there is not None and event.revision != stored.revisions[event.listing_id]:
        return f"told revision {event.revision}; stored {stored.revisions[event.listing_id]}"
    return ""


def _heard_otherwise(stored: Stored, event: MatchEvent) -> str:
    """The same of an earlier event: it is right if this generation knows of it and decides the same."""
    heard, here, there = stored.heard.get(event.listing_id), stored.lists.get(event.listing_id), list_of(event)
    if heard is None or heard.revision != event.revision or not heard.decides_as(there):
        known = "nothing" if heard is None else f"revision {heard.revision}"
        return f"told revision {event.revision} by generation '{event.generation}'; {known} is known of that"
    if not heard.decides_as(here):
        return f"told {_list(there)} by generation '{event.generation}'; stored {_list(here)}"
    return ""


def list_of(event: MatchEvent | None) -> MatchList | None:
    """The list that an event tells; None where the listing is gone."""
    if event is None or event.matches is None:
        return None
    return MatchList(event.matches, event.review, event.overruled)


def _list(list_: MatchList | None) -> str:
    return "nothing" if list_ is None else f"[{', '.join(match.listing_id for match in list_.matches)}]"


def _products(stored: Stored, told: Mapping[str, ProductEvent], *, gaps: bool) -> Iterator[Difference]:
    for product_id in sorted({*stored.products, *told}):
        here, event = stored.products.get(product_id), told.get(product_id)
        if _adopted(stored, here) or (gaps and not _as_new(here, event)):
            continue
        members = None if event is None else event.to_json()["members"]
        wanted = None if here is None else here["members"]
        if members != wanted:
            yield Difference(Kind.FAULT, product_id, What.PRODUCTS_TOPIC, f"told {members}; stored {wanted}")
        elif here is not None and event is not None and members is not None and event.to_json() != here:
            yield Difference(Kind.FAULT, product_id, What.PRODUCTS_TOPIC, "told other offers than those stored")


def _adopted(stored: Stored, here: Mapping[str, Any] | None) -> bool:
    """Whether a generation that is not live goes by what another one told: of that its own topic says nothing."""
    fields = stored.fields
    return here is not None and fields.audience is Audience.SHADOW and here["generation"] != fields.generation


def _as_new(here: Mapping[str, Any] | None, event: ProductEvent | None) -> bool:
    """Whether it is that event which is stored: two of one revision may have been told, one of them to subscribers."""
    if here is None or event is None:
        return False
    return (event.revision, event.occurred_at) == (here["revision"], here["occurred_at"])
