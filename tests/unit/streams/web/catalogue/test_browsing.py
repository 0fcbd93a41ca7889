"""Looking through the products: the same as going through all of them by hand."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from fakes.hostile_texts import TITLES
from fakes.web import Shop, listing
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UploadError
from streams.web.catalogue.asking import AskedByForm
from streams.web.catalogue.browsing import browse, currencies
from streams.web.catalogue.wishes import Order, Wish

WORDS = ("red", "reddish", "lamp", "desk", "Größe", "usb-c")


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Sixty products with what is known of each, some told twice with a lower price."""
    shop, rng, known = Shop(tmp_path_factory.mktemp("market")), random.Random(5), []
    for number in range(60):
        at = (datetime.now(UTC) - timedelta(hours=number * 7 % 400)).isoformat(timespec="milliseconds")
        some = [
            listing(
                f"{rng.choice('abc')}{number}-{place}",
                title=" ".join(rng.choices(WORDS, k=3)),
                category=rng.choice(("Lamps", "Desks")),
                currency=rng.choice(("EUR", "EUR", "USD")),
                price=f"{rng.randrange(500, 9000) / 100:.2f}",
            )
            for place in range(rng.randrange(1, 4))
        ]
        shop.lists(*some)
        if number % 3 == 0:
            dearer = {**some[0], "price": f"{float(some[0]['price']) * rng.choice((1.1, 1.5, 2)):.2f}"}
            shop.tells_product(dearer, *some[1:], at="2020-01-01T00:00:00Z")
        shop.tells_product(*some, revision=2, at=at.replace("+00:00", "Z"))
        known.append(some)
    return shop, known


def found(shop: Shop, **wish) -> list[str]:
    """The products on all pages."""
    connection, rows, after = shop.store.reading, [], ""
    while True:
        some = browse(connection, Wish(**{"limit": 7, **wish, "after": after}))
        rows += some.rows
        if not (after := some.after):
            assert some.total == len(rows)
            return [row["product_id"] for row in rows]


def where(known, fits) -> set[str]:
    return {min(one["listing_id"] for one in some) for some in known if fits(some)}


def cheapest(some, currency: str) -> float | None:
    return min((float(one["price"]) for one in some if one["currency"] == currency), default=None)


def test_pages_hold_each_product_once_in_every_order(market) -> None:
    shop, known = market
    everything = where(known, lambda _: True)
    for order in (Order.NEWEST, Order.OFFERS):
        ids = found(shop, order=order)
        assert len(ids) == len(set(ids)) == len(everything)
        assert set(ids) == everything


def test_filters_find_what_going_through_all_finds(market) -> None:
    shop, known = market
    assert set(found(shop, seller="seller-a")) == where(
        known, lambda some: any(one["seller_id"] == "seller-a" for one in some)
    )
    assert set(found(shop, sellers=2)) == where(known, lambda some: len({one["seller_id"] for one in some}) > 1)
    assert set(found(shop, currency="EUR", least=20, most=50)) == where(
        known, lambda some: 20 <= (cheapest(some, "EUR") or 0) <= 50
    )


def test_with_a_seller_the_price_is_that_of_this_seller(market) -> None:
    shop, known = market

    def fits(some) -> bool:
        own = [one for one in some if one["seller_id"] == "seller-b"]
        return any(one["currency"] == "USD" and float(one["price"]) <= 30 for one in own)

    assert set(found(shop, seller="seller-b", currency="USD", most=30)) == where(known, fits)


@pytest.mark.parametrize("asked", ["red", "RED lam", "größe", "GRÖẞE", "usb-c", "usb desk", "red nothing"])
def test_every_word_begins_a_word_of_the_titles(market, asked: str) -> None:
    shop, known = market
    terms = asked.lower().split()

    def fits(some) -> bool:
        words = " ".join(one["title"].lower() for one in some).split()
        return all(any(word.startswith(term) for word in words) for term in terms)

    assert set(found(shop, words=asked)) == where(known, fits)


@pytest.mark.parametrize("asked", ['"red" OR lamp', "red NOT lamp", "words:red", "re*d", "(red", "NEAR(red lamp)"])
def test_words_are_not_read_as_a_language(market, asked: str) -> None:
    assert found(market[0], words=asked) in ([], found(market[0], words=asked.replace('"', "")))


def test_signs_alone_ask_for_nothing(market) -> None:
    assert len(found(market[0], words="- !?")) == len(market[1])


def test_counts_are_of_all_categories_whichever_is_asked_for(market) -> None:
    shop, _ = market
    connection = shop.store.reading
    everything = browse(connection, Wish())
    lamps = browse(connection, Wish(category="LAMPS"))
    assert everything.categories == lamps.categories
    assert lamps.total == dict(lamps.categories)["Lamps"] == len(found(shop, category="lamps"))
    assert sum(count for _, count in everything.categories) == everything.total


def test_spread_and_drop_go_downwards_and_leave_out_what_has_none(market) -> None:
    shop, _ = market
    rows = browse(shop.store.reading, Wish(order=Order.SPREAD, limit=100)).rows
    spreads = [row["spread"] for row in rows]
    assert spreads == sorted(spreads, reverse=True)
    assert all(spread > 0 for spread in spreads)
    rows = browse(shop.store.reading, Wish(order=Order.DROP, limit=100)).rows
    falls = [row["fall"] for row in rows]
    assert falls == sorted(falls, reverse=True)
    week = [number for number in range(0, 60, 3) if number * 7 % 400 < 7 * 24]
    assert len(rows) == len(week)


def test_currencies_are_those_of_the_offers(market) -> None:
    assert currencies(market[0].store.reading) == ["EUR", "USD"]


@pytest.mark.parametrize(
    "wish",
    [
        {"least": 3.0},
        {"currency": "EUR", "least": 3.0, "most": 2.0},
        {"after": "nonsense"},
        {"after": "WyJvZmZlcnMiLDEsMV0"},  # of another order
        {"after": "é"},
        {"after": "W10"},
    ],
)
def test_what_can_not_be_meant_is_refused(wish: dict) -> None:
    with pytest.raises(UploadError):
        Wish(**wish)


@given(words=st.text(max_size=60) | st.sampled_from(sorted(TITLES.values())), category=st.text(max_size=20))
def test_any_words_may_be_asked_for(market, words: str, category: str) -> None:
    browse(market[0].store.reading, Wish(words=words, category=category, seller=category))


def test_a_form_with_empty_fields_asks_for_nothing() -> None:
    asked = AskedByForm.model_validate(
        {"words": " ", "currency": "", "least": "", "most": "", "sellers": "", "order": "", "category": "", "after": ""}
    )
    assert asked == AskedByForm()
    assert asked.address() == "/browse"


def test_an_address_keeps_what_was_asked_for() -> None:
    asked = AskedByForm(words="a&b", currency="EUR", least=2.5, order=Order.SPREAD, after="WyJzcHJlYWQiLDEsMV0")
    assert asked.address() == "/browse?words=a%26b&currency=EUR&least=2.5&order=spread"
    assert "after=x" in asked.address(after="x")


def test_prices_wait_for_their_currency_while_somebody_types() -> None:
    assert AskedByForm(least=2).wish() == Wish()
    assert "currency" in AskedByForm(least=2).trouble
    assert AskedByForm(currency="EUR", least=12, most=1).wish() == Wish(currency="EUR")
