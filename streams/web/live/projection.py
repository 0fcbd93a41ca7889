"""What the live page keeps: the stories of the last hours, events per minute, and what was told before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import orjson

from streams.events import Judgement, MatchEvent, Message
from streams.events.products import ProductEvent
from streams.web.live.stories import Story
from streams.web.live.telling import KnownList, joined, of_judgement, of_list, of_prices, of_product
from streams.web.store.projection import Kind, Projection, readable

KEPT_MS: Final = 6 * 3_600_000
"""How old a story becomes, counted from the newest: after a quiet night the page still shows the evening."""
KEPT: Final = 20_000
MINUTE_MS: Final = 60_000

_SCHEMA: Final = """
create table if not exists stories (
    id integer primary key autoincrement, at_ms integer not null, kind text not null, about text not null,
    others text not null, cause text not null, facts text not null
);
create index if not exists stories_by_time on stories (at_ms);

create table if not exists story_listings (
    story_id integer not null, listing_id text not null, primary key (story_id, listing_id)
) without rowid;

create table if not exists live_minutes (minute integer primary key, events integer not null);

create table if not exists live_lists (
    listing_id text primary key, matched text not null, reviewed text not null,
    matches integer not null, reviews integer not null
) without rowid;
create index if not exists live_lists_by_counts on live_lists (matches, reviews);

create table if not exists live_products (
    product_id text primary key, members text not null, best text not null, listings integer not null
) without rowid;
create index if not exists live_products_by_size on live_products (listings);

create table if not exists live_offers (
    listing_id text primary key, at_ms integer not null, price text, currency text
) without rowid;
"""


def _of_matches(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    stories: list[Story] = []
    for message, event in readable(messages, lambda message: MatchEvent.from_bytes(message.key, message.value)):
        at_ms = _at_ms(event.occurred_at, message)
        stories += of_list(event, _known_list(connection, event.listing_id), at_ms)
        _keep_list(connection, event)
        _count(connection, at_ms)
    _tell(connection, joined(stories))


def _of_products(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    stories: list[Story] = []
    for message, event in readable(messages, lambda message: ProductEvent.from_bytes(message.key, message.value)):
        at_ms = _at_ms(event.occurred_at, message)
        row = connection.execute("select * from live_products where product_id = ?", (event.product_id,)).fetchone()
        stories += of_product(event, None if row is None else tuple(orjson.loads(row["members"])), at_ms)
        stories += of_prices(event, _prices(connection, event, at_ms), orjson.loads(row["best"]) if row else {}, at_ms)
        _keep_product(connection, event, at_ms)
        _count(connection, at_ms)
    _tell(connection, stories)


def _of_judgements(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    events = readable(messages, lambda message: Judgement.from_bytes(message.key, message.value))
    _tell(connection, [of_judgement(judgement, message.timestamp_ms) for message, judgement in events])


def _known_list(connection: sqlite3.Connection, listing_id: str) -> KnownList | None:
    row = connection.execute("select * from live_lists where listing_id = ?", (listing_id,)).fetchone()
    if row is None:
        return None
    return KnownList(frozenset(orjson.loads(row["matched"])), frozenset(orjson.loads(row["reviewed"])))


def _keep_list(connection: sqlite3.Connection, event: MatchEvent) -> None:
    if event.matches is None:
        connection.execute("delete from live_lists where listing_id = ?", (event.listing_id,))
        return
    lists = [[match.listing_id for match in some] for some in (event.matches, event.review)]
    pairs = [sum(other > event.listing_id for other in some) for some in lists]
    values = (event.listing_id, *(orjson.dumps(some).decode() for some in lists), *pairs)
    connection.execute("insert or replace into live_lists values (?, ?, ?, ?, ?)", values)


def _prices(
    connection: sqlite3.Connection, event: ProductEvent, at_ms: int
) -> dict[str, tuple[str | None, str | None]]:
    """What its listings asked for before; nothing for one that later news is known of."""
    found = {}
    for offer in event.offers:
        row = connection.execute("select * from live_offers where listing_id = ?", (offer.listing_id,)).fetchone()
        if row is not None and row["at_ms"] <= at_ms:
            found[offer.listing_id] = (row["price"], row["currency"])
    return found


def _keep_product(connection: sqlite3.Connection, event: ProductEvent, at_ms: int) -> None:
    if event.members is None:
        connection.execute("delete from live_products where product_id = ?", (event.product_id,))
        return
    best = {currency: offer.price for currency, offer in event.best.items()}
    values = orjson.dumps(event.members).decode(), orjson.dumps(best).decode(), len(event.members)
    connection.execute("insert or replace into live_products values (?, ?, ?, ?)", (event.product_id, *values))
    connection.executemany(
        "insert into live_offers values (?, ?, ?, ?) on conflict (listing_id) do update set"
        " at_ms = excluded.at_ms, price = excluded.price, currency = excluded.currency where at_ms <= excluded.at_ms",
        [(offer.listing_id, at_ms, offer.price, offer.currency) for offer in event.offers],
    )


def _count(connection: sqlite3.Connection, at_ms: int) -> None:
    connection.execute(
        "insert into live_minutes values (?, 1) on conflict (minute) do update set events = events + 1",
        (at_ms // MINUTE_MS,),
    )


def _tell(connection: sqlite3.Connection, stories: Iterable[Story]) -> None:
    for story in stories:
        lists = orjson.dumps(story.others).decode(), story.cause, orjson.dumps(story.facts).decode()
        told = connection.execute(
            "insert into stories (at_ms, kind, about, others, cause, facts) values (?, ?, ?, ?, ?, ?)",
            (story.at_ms, story.kind, story.about, *lists),
        )
        connection.executemany(
            "insert or ignore into story_listings values (?, ?)",
            [(told.lastrowid, one) for one in (story.about, *story.others)],
        )
    _prune(connection)


def _prune(connection: sqlite3.Connection) -> None:
    """Forget what is too old, and what is too much."""
    last, newest = connection.execute("select max(id), max(at_ms) from stories").fetchone()
    if last is None:
        return
    oldest, least = last - KEPT + 1, newest - KEPT_MS
    gone = connection.execute("select id from stories where id < ? or at_ms < ?", (oldest, least)).fetchall()
    connection.executemany("delete from story_listings where story_id = ?", [(row["id"],) for row in gone])
    connection.executemany("delete from stories where id = ?", [(row["id"],) for row in gone])
    connection.execute("delete from live_minutes where minute < ?", (least // MINUTE_MS,))


def _at_ms(occurred_at: str, message: Message) -> int:
    """When it was found; a tombstone does not say, and its record does."""
    try:
        return int(datetime.fromisoformat(occurred_at).timestamp() * 1000)
    except ValueError:
        return message.timestamp_ms


LIVE: Final = Projection(
    _SCHEMA, {Kind.MATCHES: _of_matches, Kind.PRODUCTS: _of_products, Kind.JUDGEMENTS: _of_judgements}
)
