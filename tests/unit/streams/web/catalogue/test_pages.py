"""The pages of price comparison."""

import pytest
from fakes.hostile_texts import TITLES
from fakes.web import Shop, listing

from streams.events.matches import Match
from streams.web.catalogue.showing import shop_of

SCRIPT = "<script>alert(1)</script>\"' onmouseover=x"
A = listing("a1", title="Desk lamp", price="10.00", url="https://a.example/lamp", version=1)
B = listing("b1", title="Lamp for desks", price="8.00", url="javascript:alert(1)", version=1)


def test_a_product_page_shows_offers_prices_and_reasons(shop: Shop) -> None:
    shop.lists(A, B)
    shop.tells_product(A, B)
    shop.tells_product({**A, "price": "7.00"}, B, revision=2, at="2026-01-02T00:00:00Z", split_from=("b1",))
    evidence = {"text": 0.88, "rule": "combined>=0.80"}
    shop.tells_matches("a1", Match("b1", 0.91, evidence, strong=False))
    text = shop.client().get("/product?id=a1").text
    assert text.index("7.00") < text.index("8.00")
    assert "1.00 less than the dearest of 2" in text
    assert '<a href="https://a.example/lamp" rel="noopener nofollow ugc">a.example</a>' in text
    assert "javascript:" not in text
    assert "weak" in text
    assert "titles 0.88" in text
    assert 'href="/compare?one=a1&amp;other=b1"' in text
    assert 'href="/review?one=a1&amp;other=b1"' in text
    assert text.count('<path class="line line-') == 4  # two lines, and both in the legend
    assert text.count('<time datetime="2026-01-0') == 4  # of the last change; two prices and one
    assert "Some of its listings came from" in text


def test_texts_of_sellers_stay_texts(shop: Shop) -> None:
    hostile = [
        listing(
            f"{SCRIPT}{name}", title=title, seller_id=SCRIPT, category=SCRIPT, url=f"https://x/{SCRIPT}", image=SCRIPT
        )
        for name, title in {**TITLES, "script": SCRIPT}.items()
    ]
    shop.lists(*hostile)
    shop.tells_product(*hostile)
    shop.tells_matches(hostile[0]["listing_id"], Match(hostile[1]["listing_id"], 0.9, {"rule": SCRIPT}))
    product_id = min(one["listing_id"] for one in hostile)
    for path in ("/browse", f"/browse?words={SCRIPT}&seller={SCRIPT}&category={SCRIPT}"):
        text = shop.client().get(path).text
        assert "<script>alert" not in text
        assert " onmouseover=x" not in text.replace("&#39; onmouseover=x", "")
    answer = shop.client().get("/product", params={"id": product_id})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert '" onmouseover' not in answer.text


def test_the_page_says_what_to_do_where_there_is_nothing(shop: Shop) -> None:
    client = shop.client()
    assert "No products yet" in client.get("/browse").text
    assert "Nothing fits" in client.get("/browse?words=x").text
    assert client.get("/product?id=nobody", headers={"Accept": "text/html"}).status_code == 404


def test_typing_keeps_the_address(shop: Shop) -> None:
    shop.tells_product(A)
    answer = shop.client().get(
        "/browse?words=lam&seller=&least=&order=newest&category=", headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Replace-Url"] == "/browse?words=lam"
    assert "Choose a currency" in shop.client().get("/browse?least=2").text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/a?b=c#d", "shop.example"),
        ("HTTP://Shop.Example", "shop.example"),
        ("http://[::1]/", "::1"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//shop.example", None),
        ("https:///x", None),
        ("https://bank.example@evil.example/", None),
        ("https://bank.example\\@evil.example/", None),
        ("https://a b/", None),
        ("https://[x/", None),
        ("java\nscript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_leads_to_a_web_page_or_there_is_none(url: str | None, host: str | None) -> None:
    found = shop_of(url)
    assert (found.host if found else None) == host
