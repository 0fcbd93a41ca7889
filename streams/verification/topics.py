"""Comparing what subscribers were told with what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streams.events import MatchEvent, MatchList
from streams.events.products import ProductEvent
from streams.verification.differences import Difference, Kind, What
from streams.verification.stored import Stored


def compare_told(
    stored: Stored, matches: Mapping[str, MatchEvent], products: Mapping[str, ProductEvent]
) -> list[Difference]:
    """What the compacted public topics say otherwise than the index.

    Args:
        stored: all that the index holds.
        matches: the last event of each listing; one that is gone has no list.
        products: the last event of each product; one that is gone has no members.
    """
    return [*_lists(stored, matches), *_products(stored, products)]


def _lists(stored: Stored, told: Mapping[str, MatchEvent]) -> Iterator[Difference]:
    for listing_id in sorted({*stored.lists, *told}):
        here, event = stored.lists.get(listing_id), told.get(listing_id)
        there = None if event is None or event.matches is None else MatchList(event.matches, event.review)
        if here != there:
            yield Difference(Kind.FAULT, listing_id, What.MATCHES_TOPIC, f"told {_list(there)}; stored {_list(here)}")
        elif event is not None and there is not None and event.revision != stored.revisions[listing_id]:
            words = f"told revision {event.revision}; stored {stored.revisions[listing_id]}"
            yield Difference(Kind.FAULT, listing_id, What.MATCHES_TOPIC, words)


def _list(list_: MatchList | None) -> str:
    return "nothing" if list_ is None else f"[{', '.join(match.listing_id for match in list_.matches)}]"


def _products(stored: Stored, told: Mapping[str, ProductEvent]) -> Iterator[Difference]:
    for product_id in sorted({*stored.products, *told}):
        here, event = stored.products.get(product_id), told.get(product_id)
        members = None if event is None else event.to_json()["members"]
        wanted = None if here is None else here["members"]
        if members != wanted:
            yield Difference(Kind.FAULT, product_id, What.PRODUCTS_TOPIC, f"told {members}; stored {wanted}")
        elif here is not None and event is not None and members is not None and event.to_json() != here:
            yield Difference(Kind.FAULT, product_id, What.PRODUCTS_TOPIC, "told other offers than those stored")
