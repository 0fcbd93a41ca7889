"""Browsing and comparing prices in a real browser, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of
from fakes.web import Shop, listing
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from streams.events.judgements import Judgement, Verdict
from streams.events.matches import Match
from streams.web.store import Kind

SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 900}]
LONG = "Unbreakable" * 30


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    _paint(shop.folder / "lamp.png", "teal")
    lamps = [
        listing(f"a{n}", title=f"Desk lamp {n}", price=f"{20 + n}.00", seller_id=f"shop {n}", image="lamp.png")
        for n in range(4)
    ]
    lamps[1] |= {"url": "https://shop.example/lamp", "title": f"Lamp {LONG}"}
    lamps[3] |= {"currency": "USD", "image": "gone.png"}
    chairs = [listing(f"c{n}", title=f"Chair {n} <b>bold</b>", category="Chairs") for n in range(30)]
    shop.lists(*lamps, *chairs)
    for day in range(1, 6):
        lamps[0]["price"] = f"{30 - 2 * day}.00"
        shop.tells_product(*lamps, revision=day, at=f"2026-01-0{day}T00:00:00Z")
    for one in chairs:
        shop.tells_product(one)
    for one, other in (("a0", "a1"), ("a1", "a0"), ("a2", "a0"), ("a3", "a2")):
        shop.tells_matches(one, Match(other, 0.91, {"text": 0.93, "rule": "combined>=0.90"}, strong=one != "a3"))
    said = Judgement.on("a0", "a2", Verdict.SAME, by="ann", at="2026-01-02T10:00:00Z")
    shop.hears(Kind.JUDGEMENTS, shop.record(Kind.JUDGEMENTS, said.key.decode(), said.to_bytes()))
    return shop


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    with shop.served() as found:
        yield found


@pytest.mark.parametrize("viewport", SIZES, ids=["phone", "desk"])
def test_from_words_to_the_best_price(browser: Browser, address: str, viewport: dict[str, int]) -> None:
    with page_of(browser, viewport=viewport) as page:
        page.goto(f"{address}/browse")
        expect(page.get_by_role("status")).to_contain_text("31 products")
        page.get_by_role("link", name="Next page").click()
        expect(page.locator(".product")).to_have_count(7)
        page.get_by_role("link", name="First page").click()
        _no_sideways(page)

        page.get_by_label("Words in titles").press_sequentially("desk la")
        expect(page.locator(".product")).to_have_count(1)
        expect(page.locator("#found")).to_have_text("1 product")
        expect(page).to_have_url(f"{address}/browse?words=desk+la")  # who types slowly is shown what "desk" finds, too
        page.reload()
        expect(page.locator(".product")).to_have_count(1)
        _no_sideways(page)

        page.locator(".product a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Desk lamp 0")
        expect(page.get_by_role("region", name="Offers in EUR").get_by_role("row").nth(1)).to_contain_text("20.00")
        expect(page.get_by_role("link", name="shop.example")).to_have_attribute("rel", "noopener nofollow ugc")
        assert page.locator(".gallery img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") == 64
        assert len(re.findall("[HV]", page.locator("path.line-1").first.get_attribute("d") or "")) == 9
        page.get_by_text("All prices as a table").click()
        expect(page.locator("details tbody tr")).to_have_count(8)
        expect(page.locator(".reasons .chip")).to_have_text("weak: it counts because both match a third listing")
        expect(page.get_by_text("by ann")).to_be_visible()
        _no_sideways(page)
        _everything_is_named(page)


def test_filters_work_together_and_by_keyboard(browser: Browser, address: str) -> None:
    with page_of(browser, viewport=SIZES[1], color_scheme="dark") as page:
        page.goto(f"{address}/browse")
        page.get_by_role("link", name="Chairs 30").click()
        expect(page.locator("#found")).to_have_text("30 products in Chairs")
        page.get_by_label("Words in titles").fill("chair 7")
        expect(page.locator("#found")).to_have_text("1 product in Chairs")
        page.get_by_label("Words in titles").fill("")
        expect(page.locator("#found")).to_have_text("30 products in Chairs")
        page.get_by_label("Price from").fill("50")
        expect(page.locator("#found")).to_contain_text("Choose a currency")
        page.get_by_label("Currency").select_option("EUR")
        expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
        page.get_by_role("link", name="All products").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".product")).to_have_count(24)
        assert page.locator(".product b").count() == 0


def _paint(path: Path, colour: str) -> None:
    Image.new("RGB", (64, 64), colour).save(path)


def _no_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _everything_is_named(page: Page) -> None:
    """What screen readers need: each field, photo and drawing has a name."""
    unnamed = """() => [...document.querySelectorAll("input:not([type=hidden]), select")]
      .filter(one => !one.labels.length).length
      + document.querySelectorAll("img:not([alt]), svg[role=img]:not([aria-label])").length"""
    assert page.evaluate(unnamed) == 0
