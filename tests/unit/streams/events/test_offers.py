"""Offers out of listings as sellers sent them: prices are decimals, never floats, and nothing is too long."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.tags.reading import LONGEST
from encoders.types import Generated, Tag
from streams.events.generated import LONGEST_CAPTION, LONGEST_WORD, MOST_TAGS
from streams.events.offers import LONGEST_LINK, LONGEST_TITLE, Offer, in_order

SEEN = Generated("a red mug", {"colour": Tag("red", 0.97), "category": Tag("mug", 0.9)})


def asks(price, currency="EUR"):
    offer = Offer.of("a", {"price": price, "currency": currency})
    return offer.price, offer.currency


PRICES = {
    "12.90": "12.90",
    " 12.90 ": "12.90",
    "0": "0",
    "-0.0": "0.0",
    "1E+3": "1000",
    "25e-1": "2.5",
    12: "12",
    12.9: "12.9",
    "99999999999999999.99": "99999999999999999.99",
}


@pytest.mark.parametrize(("sent", "told"), PRICES.items(), ids=map(repr, PRICES))
def test_a_price_is_told_in_the_digits_it_was_sent_in(sent, told):
    assert asks(sent) == (told, "EUR")


@pytest.mark.parametrize(
    "sent", [None, "", "free", "-1", "NaN", "Infinity", "1e999999", "1e-99999", True, [1], {}, float("nan")]
)
def test_what_is_no_price_is_none(sent):
    assert asks(sent) == (None, None)


@pytest.mark.parametrize("currency", [None, "", "euro", "eur", "EURO", 978])
def test_a_price_without_currency_is_none(currency):
    assert asks("12.90", currency) == (None, None)


def test_a_currency_without_price_says_nothing():
    assert asks(None) == (None, None)


def test_an_offer_tells_what_the_seller_sent():
    listing = {"seller_id": " s7 ", "title": "Red mug", "image": "mug.jpg", "url": "https://x.example/1", "brand": "y"}
    told = Offer.of("s7-2", listing)
    assert told == Offer("s7-2", "s7", "Red mug", "mug.jpg", "https://x.example/1")
    assert Offer.from_json({**told.to_json(), "new": 1}) == told


def test_what_models_say_stands_beside_the_sellers_words_and_where_they_say_nothing_nothing_does():
    told = Offer.of("a", {"image": "mug.jpg"}, SEEN)
    assert told.to_json() == Offer.of("a", {"image": "mug.jpg"}).to_json() | {
        "generated": {
            "caption": "a red mug",
            "tags": {"category": {"word": "mug", "probability": 0.9}, "colour": {"word": "red", "probability": 0.97}},
            "line": SEEN.line,
        }
    }
    assert told.title is None
    assert Offer.from_json(told.to_json()) == told
    assert {told, Offer.from_json(told.to_json())} == {told}
    assert told != Offer.of("a", {"image": "mug.jpg"})
    assert "generated" not in Offer.of("a", {"title": "x"}).to_json()


def test_what_models_say_is_told_alike_in_whatever_order_a_store_keeps_it():
    turned = Generated("seen", dict(reversed(SEEN.tags.items())))
    one, other = (Offer.of("a", {}, said) for said in (turned, Generated("seen", SEEN.tags)))
    assert (one.to_json(), one.generated.line) == (other.to_json(), "seen; mug, red")


def test_of_much_that_models_say_the_first_is_told():
    much = Generated("x" * 999, {f"list{i:02}": Tag("y" * 99, 1.0) for i in range(40)})
    told = Offer.of("a", {}, much).generated
    assert (len(told.caption), len(told.tags)) == (LONGEST_CAPTION, MOST_TAGS)
    assert {len(tag.word) for tag in told.tags.values()} == {LONGEST_WORD}


def test_the_longest_word_that_a_list_may_have_is_told_whole():
    tags = {"colour": Tag("x" * LONGEST, 1.0)}
    assert Offer.of("a", {}, Generated(None, tags)).generated.tags == tags


@pytest.mark.parametrize(
    "generated",
    [
        "a red mug",
        [],
        {"caption": 5},
        {"tags": [1]},
        {"tags": {"colour": "red"}},
        {"tags": {"colour": {"word": "red"}}},
        {"tags": {"colour": {"word": "red", "probability": 1.2}}},
        {"tags": {"colour": {"word": "red", "probability": "nan"}}},
    ],
    ids=repr,
)
def test_what_models_never_said_is_refused(generated):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Offer.from_json({"listing_id": "a", "generated": generated})


@pytest.mark.parametrize("images", [["", "b.jpg", "c.jpg"], ("b.jpg",)])
def test_the_first_of_several_photos_is_told(images):
    assert Offer.of("a", {"images": images}).image == "b.jpg"
    assert Offer.of("a", {"image": "a.jpg", "images": images}).image == "a.jpg"


@pytest.mark.parametrize("images", ["b.jpg", 5, {"a": "b.jpg"}, [5, None, ["b.jpg"]]])
def test_photos_that_can_not_be_read_are_none(images):
    assert Offer.of("a", {"images": images}) == Offer("a")


def test_a_listing_that_can_not_be_read_is_an_offer_without_anything():
    assert Offer.of("a", {"title": 5, "image": "", "url": ["x"], "seller_id": None}) == Offer("a")


def test_long_titles_are_cut_and_long_links_left_out():
    sent = {
        "title": "x" * LONGEST_TITLE + "y",
        "image": "ü" * (LONGEST_LINK // 2),
        "url": "ü" * (LONGEST_LINK // 2) + "/",
    }
    offer = Offer.of("a", sent)
    assert (offer.title, offer.image, offer.url) == ("x" * LONGEST_TITLE, sent["image"], None)


def test_offers_are_ordered_by_price_within_currency_and_those_without_come_last():
    offers = [
        Offer("f"),
        Offer("e", price="9", currency="USD"),
        Offer("d", price="100", currency="EUR"),
        Offer("c", price="20.0", currency="EUR"),
        Offer("b", price="20", currency="EUR"),
        Offer("a"),
    ]
    assert [offer.listing_id for offer in in_order(offers)] == ["b", "c", "d", "e", "a", "f"]


def test_prices_compare_as_decimals():
    close = [Offer("a", price="0.10000000000000000002", currency="EUR"), Offer("b", price="0.1", currency="EUR")]
    assert [offer.listing_id for offer in in_order(close)] == ["b", "a"]


DECIMALS = st.decimals(0, 10**12, places=4)


@given(st.lists(st.tuples(DECIMALS | st.none(), st.sampled_from(["EUR", "USD"])), max_size=8))
def test_every_order_of_offers_is_by_currency_and_price(asked):
    offers = [
        Offer.of(f"l{i}", {"price": None if price is None else str(price), "currency": currency})
        for i, (price, currency) in enumerate(asked)
    ]
    ordered = in_order(offers)
    priced = [(offer.currency, Decimal(offer.price)) for offer in ordered if offer.price is not None]
    assert priced == sorted((currency, price) for price, currency in asked if price is not None)
    assert all(offer.price is None for offer in ordered[len(priced) :])
    assert in_order(reversed(offers)) == ordered
