"""What is kept of a product, so that whoever browses finds it by its words, prices and sellers."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson

from streams.events.clock import utc_now
from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.web.catalogue.prices import Fall, amount_of, biggest, note_price
from streams.web.catalogue.seen import forget_tags, write_tags

RECENT_DAYS: Final = 7
"""A price that fell is news for so long."""


def write_product(connection: sqlite3.Connection, event: ProductEvent) -> None:
    """Replace what is known of a product, and note what its offers cost."""
    falls = [note_price(connection, offer, event.occurred_at) for offer in event.offers]
    number = _write_row(connection, event)
    _write_browsed(connection, number, event, biggest(falls, days_before(event.occurred_at, RECENT_DAYS)))
    connection.execute("delete from members where product_id = ?", (event.product_id,))
    connection.executemany(
        "insert or ignore into members values (?, ?)",
        [(event.product_id, listing_id) for listing_id in event.members or ()],
    )
    _write_offers(connection, number, event.offers)
    write_tags(connection, number, event.offers)
    _write_words(connection, number, event.offers)
    categorise(connection, event.product_id)


def forget_product(connection: sqlite3.Connection, product_id: str) -> None:
    """A product is gone; what its offers cost is kept."""
    connection.execute("delete from members where product_id = ?", (product_id,))
    row = connection.execute("delete from products where product_id = ? returning number", (product_id,)).fetchone()
    if row is not None:
        for table in ("browsed", "bests", "offers"):
            connection.execute(f"delete from {table} where number = ?", (row["number"],))  # noqa: S608 - fixed words
        connection.execute("delete from product_words where rowid = ?", (row["number"],))
        forget_tags(connection, row["number"])


def categorise(connection: sqlite3.Connection, product_id: str) -> None:
    """A product is in the category that most of its listings are in, whatever their case."""
    rows = connection.execute(
        "select category from members join listings using (listing_id) where product_id = ? and category is not null",
        (product_id,),
    )
    named = Counter(row["category"] for row in rows)
    folded = Counter[str]()
    for name, count in named.items():
        folded[name.casefold()] += count
    best = min(named, key=lambda name: (-folded[name.casefold()], -named[name], name), default=None)
    connection.execute(
        "update browsed set category = :best where number = (select number from products where product_id = :product)"
        " and category collate binary is not :best",
        {"best": best, "product": product_id},
    )


def recently() -> str:
    """The moment from which on a price that fell is news."""
    return days_before(utc_now(), RECENT_DAYS)


def days_before(moment: str, days: int) -> str:
    """So many days before a moment, both in ISO 8601; the moment itself where it is none."""
    try:
        return (datetime.fromisoformat(moment) - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return moment


def _write_row(connection: sqlite3.Connection, event: ProductEvent) -> int:
    row = connection.execute(
        "insert into products (product_id, revision, occurred_at, listings, sellers, oversized, title, event)"
        " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (product_id) do update set"
        " revision = excluded.revision, occurred_at = excluded.occurred_at, listings = excluded.listings,"
        " sellers = excluded.sellers, oversized = excluded.oversized, title = excluded.title, event = excluded.event"
        " returning number",
        (
            event.product_id,
            event.revision,
            event.occurred_at,
            len(event.members or ()),
            _sellers(event),
            event.oversized,
            _title(event),
            orjson.dumps(event.to_json()).decode(),
        ),
    ).fetchone()
    number: int = row["number"]
    return number


def _write_browsed(connection: sqlite3.Connection, number: int, event: ProductEvent, fall: Fall) -> None:
    amounts = _amounts(event.offers)
    widest = max((1 - min(some) / max(some) for some in amounts.values() if max(some) > 0), default=0.0)
    connection.execute(
        "insert into browsed values (?, ?, ?, ?, null, ?, ?, ?) on conflict (number) do update set"
        " occurred_at = excluded.occurred_at, listings = excluded.listings, sellers = excluded.sellers,"
        " spread = excluded.spread, fall = excluded.fall, fell_at = excluded.fell_at",
        (number, event.occurred_at, len(event.members or ()), _sellers(event), widest, fall.share, fall.at),
    )
    connection.execute("delete from bests where number = ?", (number,))
    connection.executemany(
        "insert into bests values (?, ?, ?)", [(number, currency, min(some)) for currency, some in amounts.items()]
    )


def _write_offers(connection: sqlite3.Connection, number: int, offers: Sequence[Offer]) -> None:
    connection.execute("delete from offers where number = ?", (number,))
    connection.executemany(
        "insert or ignore into offers values (?, ?, ?, ?, ?, ?)",
        [
            (number, one.listing_id, one.seller_id, one.currency, amount_of(one.price), _generated(one))
            for one in offers
        ],
    )


def _generated(offer: Offer) -> str | None:
    return orjson.dumps(offer.generated.to_json()).decode() if offer.generated else None


def _sellers(event: ProductEvent) -> int:
    return len({offer.seller_id for offer in event.offers if offer.seller_id})


def _title(event: ProductEvent) -> str | None:
    """That of the listing which gave the product its id, for it stays; otherwise the first that there is."""
    titles = {offer.listing_id: offer.title for offer in event.offers if offer.title}
    return titles.get(event.product_id) or next(iter(titles.values()), None)


def _amounts(offers: Sequence[Offer]) -> dict[str, list[float]]:
    by_currency: defaultdict[str, list[float]] = defaultdict(list)
    for offer in offers:
        if offer.currency is not None and (amount := amount_of(offer.price)) is not None:
            by_currency[offer.currency].append(amount)
    return by_currency


def _write_words(connection: sqlite3.Connection, number: int, offers: Sequence[Offer]) -> None:
    words = "\n".join(sorted({offer.title for offer in offers if offer.title}))
    known = connection.execute("select words from product_words where rowid = ?", (number,)).fetchone()
    if known is not None and known["words"] == words:
        return  # as it is when only prices change
    connection.execute("delete from product_words where rowid = ?", (number,))
    connection.execute("insert into product_words (rowid, words) values (?, ?)", (number, words))
