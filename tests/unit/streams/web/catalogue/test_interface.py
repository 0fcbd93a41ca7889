"""What programs are told of products, listings, offers and prices."""

from urllib.parse import quote

import pytest
from fakes.web import Shop, listing
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.events.judgements import Judgement, Verdict
from streams.events.matches import Match
from streams.web.store import Kind

MUG = listing("s1-9", title="Mug, red, 0.3 l", price="8.00", gtin="4006381333931", version=1)
CUP = listing("s7-2", title="Red mug 300 ml", price="7.50", gtin="04006381333931", image="mug.jpg", version=1)
IN_DOLLARS = listing("s9-1", title="red mug", price="6.99", currency="USD", version=1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("interface"))
    shop.lists(MUG, CUP, IN_DOLLARS)
    shop.tells_product(MUG, {**CUP, "price": "9.00"}, IN_DOLLARS)
    shop.tells_product(MUG, CUP, IN_DOLLARS, revision=2, at="2026-01-02T00:00:00Z", merged_from=("s7-2",))
    evidence = {"text": 0.9, "rule": "combined>=0.80"}
    shop.tells_matches("s1-9", Match("s7-2", 0.9, evidence), Match("x", 0.99, evidence))
    shop.tells_matches("s7-2", Match("s9-1", 0.95, evidence, strong=False), Match("s1-9", 0.9, evidence))
    same = Judgement.on("s1-9", "s9-1", Verdict.SAME, by="ann", at="2026-01-01T00:00:00Z")
    shop.hears(Kind.JUDGEMENTS, shop.record(Kind.JUDGEMENTS, same.key.decode(), same.to_bytes()))
    return shop


def test_a_product_with_the_best_price_of_each_currency_and_why_it_is_one(shop: Shop) -> None:
    told = shop.client().get("/products/s1-9").json()
    assert [one["listing_id"] for one in told["offers"]] == ["s7-2", "s1-9", "s9-1"]
    assert told["best"] == [
        {"currency": "EUR", "listing_id": "s7-2", "price": "7.50", "offers": 2, "dearest": "8.00", "saves": "0.50"},
        {"currency": "USD", "listing_id": "s9-1", "price": "6.99", "offers": 1, "dearest": "6.99", "saves": "0.00"},
    ]
    assert (told["photo"], told["merged_from"], told["revision"]) == ("s7-2", ["s7-2"], 2)
    # a strong match before a weak one, however similar; nothing that leads out of the product
    assert [(one["listing_id"], one["with_listing_id"]) for one in told["links"]] == [
        ("s1-9", "s7-2"),
        ("s7-2", "s1-9"),
    ]
    assert told["judgements"] == [
        {"listing_ids": ["s1-9", "s9-1"], "verdict": "same", "by": "ann", "at": "2026-01-01T00:00:00Z"}
    ]


def test_an_old_id_leads_to_the_product_that_it_went_into(shop: Shop) -> None:
    answer = shop.client().get("/products/s7-2", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/products/s1-9")
    answer = shop.client().get("/product?id=s7-2", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/product?id=s1-9")


def test_a_listing_with_its_matches_and_prices(shop: Shop) -> None:
    client = shop.client()
    found = client.get("/listings/s7-2").json()
    assert found == {"listing_id": "s7-2", "product_id": "s1-9", "listing": CUP, "generated": None}
    told = client.get("/listings/s7-2/matches").json()
    assert [(one["listing_id"], one["strong"]) for one in told["matches"]] == [("s9-1", False), ("s1-9", True)]
    assert (told["review"], told["overruled"]) == ([], [])
    assert [one["price"] for one in client.get("/prices?listing=s7-2").json()["prices"]] == ["9.00", "7.50"]


@pytest.mark.parametrize("gtin", ["4006381333931", "4006381-333931", " 04006381 333931 "])
def test_offers_of_a_gtin_however_it_is_written(shop: Shop, gtin: str) -> None:
    told = shop.client().get("/offers", params={"gtin": gtin}).json()
    assert (told["gtin"], told["products"]) == ("04006381333931", ["s1-9"])
    assert [one["price"] for one in told["offers"]] == ["7.50", "8.00"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products/nobody", 404),
        ("/products/", 404),
        ("/listings/nobody", 404),
        ("/listings/nobody/matches", 404),
        ("/prices?listing=nobody", 404),
        ("/offers?gtin=4006381333932", 422),
        ("/offers", 422),
        ("/products?least=3", 422),
        ("/products?least=nan&currency=EUR", 422),
        ("/products?currency=eur", 422),
        ("/products?after=x", 422),
        ("/products?limit=101", 422),
    ],
)
def test_what_can_not_be_answered_is_a_problem(shop: Shop, path: str, status: int) -> None:
    answer = shop.client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_pages_of_products_follow_each_other(shop: Shop) -> None:
    client = shop.client()
    shop.tells_product(listing("z1"))
    first = client.get("/products?limit=1").json()
    second = client.get("/products", params={"limit": 1, "after": first["after"]}).json()
    assert [one["product_id"] for one in first["products"] + second["products"]] == ["s1-9", "z1"]
    assert (first["total"], second["after"]) == (2, None)


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=60)
@given(
    listing_id=IDS
    | st.sampled_from(["a/b", "x/matches", "/matches", "a//b", "/", "a?b#c", "a\nb", "a/matches\n", "\0", "é"])
)
def test_any_id_can_be_asked_for(shop: Shop, listing_id: str) -> None:
    assume(not {".", ".."} & set(listing_id.split("/")))  # taken out of an address by whoever asks, encoded or not
    assume("%" not in listing_id)  # decoded twice by this client, though not by servers
    one, client = listing(listing_id, version=1), shop.client()
    shop.lists(one)
    shop.tells_product(one)
    quoted = quote(listing_id, safe="")
    assert client.get(f"/listings/{quoted}").json()["listing_id"] == listing_id
    assert client.get(f"/listings/{quoted}/matches").json() == {
        "listing_id": listing_id,
        "matches": [],
        "review": [],
        "overruled": [],
    }
    assert client.get(f"/products/{quoted}").json()["product_id"] == listing_id
    assert client.get("/product", params={"id": listing_id}).status_code == 200
    assert client.get("/prices", params={"listing": listing_id}).json()["listing_id"] == listing_id
    shop.hears(Kind.PRODUCTS, shop.record(Kind.PRODUCTS, listing_id, None))
