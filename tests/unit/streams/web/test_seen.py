"""What models say of photos: shown beside the sellers' words and never as these, and looked for by tag."""

import sqlite3
from pathlib import Path

import pytest
from fakes.colours import colour_shop
from fakes.explaining import indexed
from fakes.web import Shop, listing

from encoders.types import Generated, Tag
from streams.stages.explaining import TagPair
from streams.web.catalogue.seen import facets
from streams.web.faces import PROJECTIONS
from streams.web.store import Store

RED_MUG = Generated("a red mug on a desk", {"colour": Tag("red", 0.93), "material": Tag("glass", 0.55)})
BLUE_MUG = Generated(None, {"colour": Tag("blue", 0.81), "use": Tag("kitchen", 0.6)})
LABEL = "Seen on the photo, by a model"
SCRIPT = "<script>alert(1)</script>\"' onmouseover=x"


@pytest.fixture
def mugs(shop: Shop) -> Shop:
    """A titled listing and one without title, in a product each; two tags agree in nothing."""
    one, other = listing("a", title="Mug", image="a.png"), listing("b", title=None, image=None, images=["b.png"])
    shop.lists(one, other)
    shop.tells_product(one, generated={"a": RED_MUG})
    shop.tells_product(other, generated={"b": BLUE_MUG})
    indexed(shop, one, other, generated={"a": RED_MUG, "b": BLUE_MUG})
    return shop


def products(shop: Shop, **asked) -> list[str]:
    return [one["product_id"] for one in shop.client().get("/products", params=asked).json()["products"]]


def found(shop: Shop, **asked) -> set[str]:
    told = shop.client().get("/search", params=asked).json()["products"]
    return {one["product_id"] for one in told}


async def test_products_and_search_are_filtered_by_tags_of_which_all_must_hold(tmp_path: Path) -> None:
    shop = await colour_shop(tmp_path)
    assert set(products(shop, tag="colour:red")) == {"red-lamp", "red-chair"}
    assert products(shop, tag=["colour:RED", "category:lamp"]) == ["red-lamp"]
    assert products(shop, tag=["colour:red", "colour:blue"]) == []
    assert found(shop, words="red lamp blue chair", tag="colour:red") == {"red-lamp", "red-chair"}
    assert found(shop, words="red", tag=["colour:red", "category:lamp"]) == {"red-lamp"}
    assert found(shop, words="red", tag="style:modern") == set()
    page = shop.client().get("/find", params={"words": "red", "tag": "colour:red"})
    assert "/product?id=red-lamp" in page.text
    assert "/product?id=blue-lamp" not in page.text
    form = {"words": "red", "tag": ["", "colour:red"]}
    sent = shop.client().post("/find", data=form, headers={"HX-Request": "true"})
    assert sent.headers["HX-Push-Url"] == "/find?words=red&tag=colour%3Ared"


@pytest.mark.parametrize(
    "tag", ["colour", "colour:", ":red", "Colour:red", "a b:red", "colour: ", "colour:a:b", "x:" + "y" * 90]
)
@pytest.mark.parametrize("path", ["/products", "/search", "/browse", "/find"])
def test_what_is_no_tag_is_refused(mugs: Shop, path: str, tag: str) -> None:
    assert mugs.client().get(path, params={"words": "a", "tag": tag}).status_code == 422


def test_too_many_tags_are_refused(mugs: Shop) -> None:
    assert mugs.client().get("/products", params={"tag": ["colour:red"] * 9}).status_code == 422


def test_facets_count_products_of_what_fits(shop: Shop) -> None:
    for name, seen in {"a": RED_MUG, "b": RED_MUG, "c": BLUE_MUG}.items():
        some = [listing(f"{name}{i}", category="Mugs" if name == "a" else "Cups") for i in (1, 2)]
        shop.lists(*some)
        shop.tells_product(*some, generated={one["listing_id"]: seen for one in some})
    told = shop.client().get("/products").json()["tags"]
    assert {one["name"]: one["words"] for one in told} == {
        "colour": [{"word": "red", "products": 2}, {"word": "blue", "products": 1}],
        "material": [{"word": "glass", "products": 2}],
        "use": [{"word": "kitchen", "products": 1}],
    }
    told = shop.client().get("/products", params={"category": "Cups", "tag": "colour:red"}).json()
    assert (told["total"], [one["name"] for one in told["tags"]]) == (1, ["colour", "material"])
    page = shop.client().get("/browse").text
    assert 'href="/browse?tag=colour%3Ared"' in page
    chosen = shop.client().get("/browse?tag=colour:red&category=Mugs").text
    assert 'aria-current="true">red' in chosen
    assert '<input type="hidden" name="tag" form="wishes" value="colour:red">' in chosen


def test_facets_of_many_products_are_counted_as_those_of_few(mugs: Shop) -> None:
    found, values = "select number from browsed where listings >= ?", [1]
    few, many = (facets(mugs.store.reading, found, values, total) for total in (2, 10**6))
    assert few == many == facets(mugs.store.reading)
    assert facets(mugs.store.reading, found, [2], 10**6) == facets(mugs.store.reading, found, [2], 0) == []


def test_a_new_caption_is_no_news_of_the_market(shop: Shop) -> None:
    one = listing("a")
    shop.lists(one)
    shop.tells_product(one, generated={"a": RED_MUG})
    count = "select count(*) from stories"
    before = shop.store.reading.execute(count).fetchone()[0]
    shop.tells_product(one, generated={"a": BLUE_MUG}, revision=2)
    assert shop.store.reading.execute(count).fetchone()[0] == before
    assert len(shop.client().get("/prices?listing=a").json()["prices"]) == 1


def test_tags_follow_the_product(shop: Shop) -> None:
    one = listing("a")
    shop.lists(one)
    shop.tells_product(one, generated={"a": RED_MUG})
    shop.tells_product(one, generated={"a": BLUE_MUG}, revision=2)
    assert (products(shop, tag="colour:red"), products(shop, tag="colour:blue")) == ([], ["a"])
    shop.tells_product(one, revision=3)
    assert (products(shop, tag="colour:blue"), shop.client().get("/products").json()["tags"]) == ([], [])


def test_programs_are_told_apart_from_what_the_seller_says(mugs: Shop) -> None:
    ask = mugs.client().get
    told = {"caption": RED_MUG.caption, "tags": RED_MUG.to_json()["tags"], "line": "a red mug on a desk; glass"}
    offer = ask("/products/a").json()["offers"][0]
    assert (offer["title"], offer["generated"]) == ("Mug", told)
    untitled = ask("/listings/b").json()
    assert (untitled["listing"]["title"], untitled["generated"]["line"]) == (None, "blue, kitchen")
    assert untitled["generated"]["caption"] is None
    assert {one["product_id"]: one["seen"] for one in ask("/products").json()["products"]} == {
        "a": "a red mug on a desk; glass",
        "b": "blue, kitchen",
    }


async def test_search_tells_it_too(tmp_path: Path) -> None:
    shop = await colour_shop(tmp_path)
    best = shop.client().get("/search?words=red lamp").json()["products"][0]["listings"][0]
    assert best["generated"]["line"] == "a red lamp on a table"
    assert f"{LABEL}:</span> <bdi>a red lamp on a table</bdi>" in shop.client().get("/find?words=red lamp").text


def test_pages_label_it_and_never_take_it_for_a_title(mugs: Shop) -> None:
    ask = mugs.client().get
    page = ask("/product?id=b").text
    assert LABEL in page
    assert "<h1>Product b</h1>" in page
    assert 'href="/browse?tag=colour%3Ablue">colour: blue</a>' in page
    assert "<bdi>a red mug on a desk</bdi>" in ask("/product?id=a").text
    assert '<span class="name">b</span>' in ask("/browse").text
    pair = ask("/review?one=a&other=b").text
    assert pair.count(LABEL) == 2
    assert "No title" in pair


def test_the_photo_of_a_listing_that_names_only_further_ones_is_shown(mugs: Shop) -> None:
    assert mugs.client().get("/review?one=a&other=b").text.count("/photo?listing=") == 2
    assert "/photo?listing=b" in mugs.client().get("/product?id=b").text


def test_blind_reviewers_are_not_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"review_blind": True})
    shop.lists(listing("a"), listing("b"))
    shop.tells_product(listing("a"), listing("b"), generated={"a": RED_MUG, "b": BLUE_MUG})
    assert LABEL not in shop.client().get("/review?one=a&other=b").text


def test_explanations_put_what_is_seen_side_by_side(mugs: Shop) -> None:
    told = mugs.client().get("/explanations?one=a&other=b").json()
    assert [one["line"] for one in told["generated"]] == [RED_MUG.line, BLUE_MUG.line]
    assert told["tags"] == [
        {
            "name": "colour",
            "one": {"word": "red", "probability": 0.93},
            "other": {"word": "blue", "probability": 0.81},
            "agree": False,
        },
        {"name": "material", "one": {"word": "glass", "probability": 0.55}, "other": None, "agree": None},
        {"name": "use", "one": None, "other": {"word": "kitchen", "probability": 0.6}, "agree": None},
    ]
    page = mugs.client().get("/compare?one=a&other=b").text
    assert "By a model, not by the sellers" in page
    assert '<tr class="differs"><th scope="row">colour<span class="hidden"> (differs)</span></th>' in page
    assert "<bdi>red</bdi> 0.93" in page
    assert "<bdi>a red mug on a desk</bdi>" in page


def test_tags_agree_where_both_have_the_same_word() -> None:
    red, dark = Tag("red", 0.9), Tag("red", 0.5)
    assert [TagPair("colour", *two).agree for two in ((red, dark), (red, Tag("blue", 0.9)), (red, None))] == [
        True,
        False,
        None,
    ]


def test_what_models_say_stays_text(shop: Shop) -> None:
    """Tags come from lists of the user's own, captions from a model that may have read them in a photo."""
    hostile = Generated(SCRIPT, {"colour": Tag(SCRIPT[:39], 0.9), "use": Tag("\u202edrow", 0.5)})
    one, other = listing("a", title=None, image="a.png"), listing("b", image="b.png")
    shop.lists(one, other)
    shop.tells_product(one, other, generated={"a": hostile, "b": hostile})
    indexed(shop, one, other, generated={"a": hostile, "b": hostile})
    paths = ("/browse", "/find", "/product?id=a", "/review?one=a&other=b", "/compare?one=a&other=b")
    for path in paths:
        text = shop.client().get(path).text
        assert "<script>alert" not in text
        assert '" onmouseover' not in text
        assert "&lt;script&gt;alert" in text


def test_a_file_of_an_older_form_is_filled_anew_and_keeps_the_prices(tmp_path: Path) -> None:
    """The tables of offers have a column more since version 2."""
    path = tmp_path / "web.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "create table offers (number integer, listing_id text, seller_id text, currency text, amount real);"
            "create table prices (listing_id text not null, since text not null, price text, currency text,"
            " primary key (listing_id, since)) without rowid;"
            "insert into prices values ('a', '2026-01-01T00:00:00Z', '1.00', 'EUR');"
            "create table read_up_to (topic text not null, partition integer not null, next integer not null,"
            " at real not null, primary key (topic, partition)) without rowid;"
            "insert into read_up_to values ('products', 0, 7, 1.0);"
            "pragma user_version = 1;"
        )
    store = Store(path, PROJECTIONS)
    assert store.places() == {}
    assert "generated" in [row["name"] for row in store.reading.execute("pragma table_info(offers)")]
    assert store.reading.execute("select count(*) from prices").fetchone()[0] == 1
    store.close()
