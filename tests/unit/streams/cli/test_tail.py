import orjson
import pytest

from streams.cli.tail import _json, _product_as_json, _product_in_words, _words
from streams.events import Match, MatchEvent, Message
from streams.events.offers import Offer
from streams.events.products import ProductEvent


def record(**fields):
    matches = fields.pop("matches")
    event = {
        "listing_id": "a",
        "revision": 3,
        "generation": "g1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "cause": "listing b published",
        "matches": [Match(one, 0.9, {"rule": "sure"}).to_json() for one in matches],
        "added": [],
        "removed": [],
        **fields,
    }
    return Message("matches", b"a", orjson.dumps(event))


def test_an_event_in_words():
    assert _words(record(matches=["b", "c"], added=["c"], removed=["d"])) == (
        "a r3: b (0.90), c (0.90)  [+c -d] listing b published"
    )


def test_long_lists_are_counted():
    many = [f"m{n}" for n in range(7)]
    words = _words(record(matches=many, added=many))
    assert "m4 (0.90) and 2 more  [" in words
    assert "+m4 and 2 more]" in words


def test_a_list_without_a_match_and_one_with_other_similarities_only():
    assert "a r3: no match  [-b]" in _words(record(matches=[], removed=["b"]))
    assert "[similarities]" in _words(record(matches=["b"]))


def test_a_listing_that_is_gone():
    gone = Message("matches", b"a", None)
    assert _words(gone) == "a is gone"
    assert orjson.loads(_json(gone)) == {"listing_id": "a", "matches": None}


@pytest.mark.parametrize("title", ["plain", "\u00fc \U0001f45f"])
def test_json_is_the_event_itself(title):
    one = record(matches=["b"], cause=title)
    assert orjson.loads(_json(one)) == orjson.loads(one.value)
    assert MatchEvent.from_bytes(one.key, one.value).cause == title


def product(**fields):
    event = ProductEvent("a", 2, "g1", "listing b published", **{"members": ("a", "b"), **fields})
    return Message("products", b"a", event.to_bytes())


def test_a_product_in_words():
    offers = tuple(Offer.of(one, {"price": price, "currency": "EUR"}) for one, price in (("b", "3.50"), ("a", "4.00")))
    assert _product_in_words(product(offers=offers, merged_from=("b",))) == (
        "a r2: 2 listings, from 3.50 EUR  [merged b] listing b published"
    )
    assert _product_in_words(product(oversized=True, split_into=("c",))) == (
        "a r2: 2 listings oversized, no price  [split off c] listing b published"
    )


def test_a_product_that_is_gone():
    gone = product(members=None)
    assert _product_in_words(gone) == "a is gone"
    assert orjson.loads(_product_as_json(gone)) == {"product_id": "a", "members": None}
