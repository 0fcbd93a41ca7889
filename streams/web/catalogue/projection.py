"""What the page keeps of listings and products, and of the prices that were asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import orjson

from streams.events import ListingEvent, Message, Standing, read_listing_event
from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.web.store.projection import Kind, Projection, readable

_SCHEMA: Final = """
create table if not exists listings (
    listing_id text primary key, standing text not null, listed integer not null,
    title text, seller_id text, category text, brand text, gtin text, image text, raw text
) without rowid;
create index if not exists listings_by_gtin on listings (gtin) where gtin is not null;
create index if not exists listings_by_category on listings (category) where category is not null;
create index if not exists listings_by_seller on listings (seller_id) where seller_id is not null;

create table if not exists products (
    product_id text primary key, revision integer not null, occurred_at text not null,
    listings integer not null, sellers integer not null, oversized integer not null, event text not null
) without rowid;
create index if not exists products_by_time on products (occurred_at);
create index if not exists products_by_size on products (listings);

create table if not exists members (
    product_id text not null, listing_id text not null, primary key (product_id, listing_id)
) without rowid;
create index if not exists members_by_listing on members (listing_id);

create table if not exists prices (
    listing_id text not null, since text not null, price text, currency text, primary key (listing_id, since)
) without rowid;
"""


def _of_listings(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """Which version of a listing counts is the join of all its events, as it is for the index stage."""
    for _, event in readable(messages, read_listing_event):
        row = connection.execute("select standing from listings where listing_id = ?", (event.listing_id,)).fetchone()
        before = Standing.from_json(orjson.loads(row["standing"])) if row else Standing()
        after = before.after(event.version, event.position)
        newest = event.raw is not None and event.version == after.version != before.version
        _write_standing(connection, event, after, is_new=row is None)
        if newest:
            _write_listing(connection, event)


def _write_standing(connection: sqlite3.Connection, event: ListingEvent, standing: Standing, *, is_new: bool) -> None:
    values = (orjson.dumps(standing.to_json()).decode(), standing.listed, event.listing_id)
    if is_new:
        connection.execute("insert into listings (standing, listed, listing_id) values (?, ?, ?)", values)
    else:
        connection.execute("update listings set standing = ?, listed = ? where listing_id = ?", values)


def _write_listing(connection: sqlite3.Connection, event: ListingEvent) -> None:
    listing = event.listing
    assert listing is not None  # noqa: S101 - it came with its JSON
    gtin = None if listing.gtin is None else listing.gtin.replace(" ", "").replace("-", "")
    connection.execute(
        "update listings set title = ?, seller_id = ?, category = ?, brand = ?, gtin = ?, image = ?, raw = ?"
        " where listing_id = ?",
        (
            listing.title,
            listing.seller_id,
            listing.category,
            listing.brand,
            gtin,
            listing.image,
            orjson.dumps(event.raw).decode(),
            event.listing_id,
        ),
    )


def _of_products(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for _, event in readable(messages, lambda message: ProductEvent.from_bytes(message.key, message.value)):
        connection.execute("delete from members where product_id = ?", (event.product_id,))
        if event.members is None:
            connection.execute("delete from products where product_id = ?", (event.product_id,))
            continue
        sellers = {offer.seller_id for offer in event.offers if offer.seller_id}
        connection.execute(
            "insert or replace into products values (?, ?, ?, ?, ?, ?, ?)",
            (
                event.product_id,
                event.revision,
                event.occurred_at,
                len(event.members),
                len(sellers),
                event.oversized,
                orjson.dumps(event.to_json()).decode(),
            ),
        )
        connection.executemany("insert into members values (?, ?)", [(event.product_id, one) for one in event.members])
        for offer in event.offers:
            _note_price(connection, offer, event.occurred_at)


def _note_price(connection: sqlite3.Connection, offer: Offer, at: str) -> None:
    last = connection.execute(
        "select price, currency, since from prices where listing_id = ? order by since desc limit 1",
        (offer.listing_id,),
    ).fetchone()
    if last is None or ((last["price"], last["currency"]) != (offer.price, offer.currency) and at >= last["since"]):
        connection.execute(
            "insert or replace into prices values (?, ?, ?, ?)", (offer.listing_id, at, offer.price, offer.currency)
        )


CATALOGUE: Final = Projection(
    _SCHEMA, {Kind.LISTINGS: _of_listings, Kind.PRODUCTS: _of_products}, kept=frozenset({"prices"})
)
