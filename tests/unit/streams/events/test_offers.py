"""Offers out of listings as sellers sent them: prices are decimals, never floats, and nothing is too long."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.offers import LONGEST_LINK, LONGEST_TITLE, Offer, in_order


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
