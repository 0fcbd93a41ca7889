"""What the page keeps of listings and products, and of the prices that were asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import orjson

from streams.events import ListingEvent, Message, Standing, read_listing_event
from streams.events.products import ProductEvent
from streams.matching.variants.gtin import normalised_gtin
from streams.web.catalogue.seen import SCHEMA
from streams.web.catalogue.summaries import categorise, forget_product, write_product
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
    number integer primary key, product_id text not null unique, revision integer not null, occurred_at text not null,
    listings integer not null, sellers integer not null, oversized integer not null, title text, event text not null
);
create index if not exists products_by_time on products (occurred_at);
create index if not exists products_by_size on products (listings);

create table if not exists browsed (
    number integer primary key, occurred_at text not null, listings integer not null, sellers integer not null,
    category text collate nocase, spread real not null, fall real not null, fell_at text
);
create index if not exists browsed_by_time on browsed (occurred_at);
create index if not exists browsed_by_size on browsed (listings);
create index if not exists browsed_by_spread on browsed (spread) where spread > 0;
create index if not exists browsed_by_fall on browsed (fall) where fall > 0;
create index if not exists browsed_by_category on browsed (category, sellers, spread, fall, fell_at);
create table if not exists bests (
    number integer not null, currency text not null, amount real not null, primary key (number, currency)
) without rowid;
create index if not exists bests_by_price on bests (currency, amount);
create virtual table if not exists product_words using fts5 (
    words, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);

create table if not exists members (
    product_id text not null, listing_id text not null, primary key (product_id, listing_id)
) without rowid;
create index if not exists members_by_listing on members (listing_id);

create table if not exists offers (
    number integer not null, listing_id text not null, seller_id text, currency text, amount real, generated text,
    primary key (number, listing_id)
) without rowid;
create index if not exists offers_by_seller on offers (seller_id, currency, amount) where seller_id is not null;

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
    connection.execute(
        "update listings set title = ?, seller_id = ?, category = ?, brand = ?, gtin = ?, image = ?, raw = ?"
        " where listing_id = ?",
        (
            listing.title,
            listing.seller_id,
            listing.category,
            listing.brand,
            None if listing.gtin is None else normalised_gtin(listing.gtin),
            next(iter(listing.photos), None),
            orjson.dumps(event.raw).decode(),
            event.listing_id,
        ),
    )
    for row in connection.execute("select product_id from members where listing_id = ?", (event.listing_id,)):
        categorise(connection, row["product_id"])


def _of_products(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for _, event in readable(messages, lambda message: ProductEvent.from_bytes(message.key, message.value)):
        if event.members is None:
            forget_product(connection, event.product_id)
        else:
            write_product(connection, event)


CATALOGUE: Final = Projection(
    _SCHEMA + SCHEMA, {Kind.LISTINGS: _of_listings, Kind.PRODUCTS: _of_products}, kept=frozenset({"prices"})
)
