"""What the page keeps of listings, products and prices."""

import random
import sqlite3

import orjson
from fakes.web import Shop, listing

from streams.events import Message
from streams.web.catalogue.reading import history_of, listing_of, offers_with, product_of, product_with
from streams.web.store import Kind

LAMP = listing("a1", title="Desk lamp", price="10.00", version=1)
LAMPS = (LAMP, listing("b1", title="Lamp for desks", price="8.00", version=1))


def withdrawn(shop: Shop, listing_id: str, version: int) -> Message:
    record = shop.record(Kind.LISTINGS, listing_id, None)
    return Message(record.topic, record.key, None, 0, record.offset, record.timestamp_ms, {"version": b"%d" % version})


def all_rows(connection: sqlite3.Connection, table: str) -> list[tuple]:
    return sorted(map(tuple, connection.execute(f"select * from {table}")), key=repr)  # noqa: S608


def test_the_same_version_counts_whatever_came_first(shop: Shop) -> None:
    events = [
        shop.record(Kind.LISTINGS, "a1", {**LAMP, "price": "11.00", "version": 2}),
        shop.record(Kind.LISTINGS, "a1", LAMP),
        withdrawn(shop, "a1", 3),
        shop.record(Kind.LISTINGS, "a1", {**LAMP, "price": "12.00", "version": 4}),
        withdrawn(shop, "a1", 2),
    ]
    for seed in range(20):
        some = [*events, random.Random(seed).choice(events)]
        random.Random(seed).shuffle(some)
        shop.store.begin_anew()
        shop.hears(Kind.LISTINGS, *some)
        found = listing_of(shop.store.reading, "a1")
        assert found is not None
        assert found.listing["price"] == "12.00"


def test_what_was_withdrawn_is_no_longer_shown(shop: Shop) -> None:
    shop.lists(LAMP)
    shop.hears(Kind.LISTINGS, withdrawn(shop, "a1", 2))
    assert listing_of(shop.store.reading, "a1") is None


def test_a_product_that_is_gone_leaves_nothing_but_its_prices(shop: Shop) -> None:
    shop.lists(*LAMPS)
    shop.tells_product(*LAMPS)
    shop.hears(Kind.PRODUCTS, shop.record(Kind.PRODUCTS, "a1", None))
    connection = shop.store.reading
    assert product_of(connection, "a1") is None
    for table in ("products", "members", "offers", "bests", "browsed", "product_words"):
        assert all_rows(connection, table) == [], table
    assert len(all_rows(connection, "prices")) == 2


def test_an_id_that_went_into_another_product_leads_there(shop: Shop) -> None:
    shop.tells_product(LAMPS[1])
    shop.tells_product(*LAMPS, merged_from=("b1",))
    shop.hears(Kind.PRODUCTS, shop.record(Kind.PRODUCTS, "b1", None))
    assert product_with(shop.store.reading, "b1") == "a1"


def test_a_price_is_noted_when_it_is_another_one(shop: Shop) -> None:
    for revision, (day, price) in enumerate([(1, "10"), (2, "10"), (3, "9"), (4, None), (5, "9.5"), (3, "1")], 1):
        own = {**LAMP, "price": price, "currency": "EUR" if price else None}
        shop.tells_product(own, LAMPS[1], revision=revision, at=f"2026-01-0{day}T00:00:00.000Z")
    told = history_of(shop.store.reading, "a1").prices
    assert [(one.since[8:10], one.price) for one in told] == [("01", "10"), ("03", "9"), ("04", None), ("05", "9.5")]
    assert len(history_of(shop.store.reading, "b1").prices) == 1


def test_a_price_in_another_currency_has_not_fallen(shop: Shop) -> None:
    falls = []
    for day, (price, currency) in enumerate([("10", "EUR"), ("9", "USD"), (None, None), ("8", "USD"), ("6", "USD")], 1):
        shop.tells_product({**LAMP, "price": price, "currency": currency}, revision=day, at=f"2026-01-0{day}T00:00:00Z")
        falls.append(shop.store.reading.execute("select fall from browsed").fetchone()["fall"])
    assert falls == [0, 0, 0, 0, 0.25]


def test_prices_outlive_a_beginning_anew_and_are_not_told_twice(shop: Shop) -> None:
    for _ in range(2):
        shop.tells_product(*LAMPS)
        shop.store.begin_anew()
    assert all_rows(shop.store.reading, "products") == []
    shop.tells_product(*LAMPS)
    assert len(all_rows(shop.store.reading, "prices")) == 2
    assert product_of(shop.store.reading, "a1") is not None


def test_a_category_is_that_of_most_listings_whether_they_come_before_or_after(shop: Shop) -> None:
    some = [listing("a1", category="Lamps"), listing("b1", category="LIGHT"), listing("c1", category="light")]
    shop.lists(some[0])
    shop.tells_product(*some)
    assert product_of(shop.store.reading, "a1").category == "Lamps"
    shop.lists(*some[1:])
    assert product_of(shop.store.reading, "a1").category == "LIGHT"


def test_the_same_events_again_change_nothing(shop: Shop) -> None:
    def tell() -> None:
        shop.lists(*LAMPS)
        shop.tells_product(*LAMPS)

    tell()
    tables = ("listings", "products", "members", "offers", "bests", "browsed", "product_words", "prices")
    before = {table: all_rows(shop.store.reading, table) for table in tables if table != "listings"}
    tell()
    assert {table: all_rows(shop.store.reading, table) for table in before} == before


STRANGE = (
    {"members": ["a1", "a1"]},
    {"members": [1]},
    {"members": {"a": 1}},
    {"revision": 2**63},
    {"revision": "1"},
    {"occurred_at": None},
    {"occurred_at": "yesterday"},
    {"product_id": ["a1"]},
    {"oversized": "yes"},
    {"offers": [{"listing_id": "a1", "price": "NaN", "currency": "EUR"}]},
    {"offers": [{"listing_id": "a1", "price": "-1", "currency": "EUR"}]},
    {"offers": [{"listing_id": "a1", "price": "1e999", "currency": "EUR"}]},
    {"offers": [{"listing_id": "a1", "price": "ten", "currency": "EUR"}] * 2},
    {"offers": [{"listing_id": 7}]},
    {"offers": 3},
    {"merged_from": "text"},
    {"split_into": [["x"]]},
)


def test_what_somebody_else_wrote_into_the_topic_stops_nothing(shop: Shop) -> None:
    shop.tells_product(LAMP)
    event = orjson.loads(shop.store.reading.execute("select event from products").fetchone()["event"])
    client = shop.client()
    for change in STRANGE:
        strange = shop.record(Kind.PRODUCTS, "a1", {**event, **change})
        shop.hears(Kind.PRODUCTS, strange, shop.record(Kind.PRODUCTS, "z1", b"{"))
        for path in ("/browse", "/products", "/product?id=a1", "/products/a1"):
            assert client.get(path).status_code == 200, (path, change)


def test_gtins_are_found_however_they_are_written(shop: Shop) -> None:
    written = ["4006381333931", "4006381 333931", "04006381333931", "4006381333932"]
    shop.lists(*(listing(f"a{n}", gtin=gtin, price=f"{9 - n}.00") for n, gtin in enumerate(written)))
    assert [one.listing_id for one in offers_with(shop.store.reading, "04006381333931").offers] == ["a2", "a1", "a0"]
