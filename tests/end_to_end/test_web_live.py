"""The live page in a real browser: what happens appears by itself."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from end_to_end.chromium import chromium, page_of
from fakes.web import Shop, listing
from playwright.sync_api import Browser, Page, expect

from streams.events import Judgement, Match, Verdict
from streams.web.live.feed import Feed
from streams.web.store import Kind

pytestmark = pytest.mark.slow

EVIDENCE = {"probability": 0.99, "text": 0.94, "image": 1.0, "rule": "probability>=0.90"}
HOSTILE = "<script>document.title = 'hi'</script> \u202e\r\n" + "Supercalifragilistic" * 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with shop.served() as found:
        yield found


def found(shop: Shop, owner: str, **fields: object) -> None:
    """A listing comes, and matches one that was there."""
    shop.lists(listing(owner, **fields))
    shop.tells_matches(owner, Match("z", 0.97, EVIDENCE))


def stories(page: Page):
    return page.locator("#stories > .story")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_happens_appears_by_itself(browser: Browser, shop: Shop, address: str, width: int, scheme: str) -> None:
    shop.lists(listing("z", title="Desk lamp"))
    with page_of(browser, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        page.goto(address)
        expect(page.get_by_text("Nothing happened in the last hours")).to_be_visible()
        found(shop, "a", title=HOSTILE)
        expect(stories(page)).to_have_count(1)
        expect(page.get_by_text("Nothing happened in the last hours")).to_have_count(0)
        expect(stories(page).first).to_contain_text("99 % likely the same (90 % is enough): photos 1.00, titles 0.94.")
        expect(stories(page).first).to_contain_text("Desk lamp")
        expect(page.locator("#counters")).to_contain_text(re.compile(r"matches\s*1\s*pairs"))
        a, b = listing("a"), listing("b", price="12.00")
        shop.tells_product(a, b)
        shop.tells_product(a, {**b, "price": "9.00"}, revision=2)
        expect(stories(page).first).to_contain_text("12.00 → 9.00 EUR. ".strip())
        expect(stories(page).first).to_contain_text("Price drop")
        assert page.title() == "Live · matchstream"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_judgement_that_splits_a_product_is_seen(browser: Browser, shop: Shop, address: str) -> None:
    a, b, c = (listing(one) for one in "abc")
    shop.lists(a, b, c)
    shop.tells_product(a, b, c)
    with page_of(browser) as page:
        page.goto(address)
        judgement = Judgement.on("a", "b", Verdict.DIFFERENT, by="ann", at="2026-01-01T00:00:00Z")
        shop.hears(Kind.JUDGEMENTS, shop.record(Kind.JUDGEMENTS, judgement.key.decode(), judgement.to_bytes()))
        shop.tells_product(a, c, revision=2, cause="judged different as listing 'b'", split_into=("b",))
        expect(stories(page)).to_have_count(2)
        expect(stories(page).nth(1)).to_contain_text("ann: these are different products.")
        expect(stories(page).first).to_contain_text("A product of 3 listings came apart: 2 stay together, 1 left.")
        expect(stories(page).first).to_contain_text("By a judgement of ann: different.")


def test_filters_stand_in_the_address_and_hold_for_what_comes(browser: Browser, shop: Shop, address: str) -> None:
    found(shop, "a", category="Lamps")
    found(shop, "b", category="Chairs", title="Green chair")
    with page_of(browser) as page:
        page.goto(address)
        expect(stories(page)).to_have_count(2)
        page.get_by_label("Category").select_option("Chairs")
        expect(stories(page)).to_have_count(1)
        assert "category=Chairs" in page.url
        page.get_by_label("Words in a title").fill("red")
        expect(stories(page)).to_have_count(0)
        found(shop, "c", category="Lamps", title="red lamp")
        found(shop, "d", category="Chairs", title="Red chair")
        expect(stories(page)).to_have_count(1)
        expect(stories(page).first).to_contain_text("Red chair")
        page.reload()
        expect(page.get_by_label("Words in a title")).to_have_value("red")
        expect(stories(page)).to_have_count(1)
        page.go_back()
        expect(stories(page)).to_have_count(2)


def test_pausing_by_a_key_holds_what_comes_until_one_goes_on(browser: Browser, shop: Shop, address: str) -> None:
    found(shop, "a")
    with page_of(browser) as page:
        page.goto(address)
        page.keyboard.press("p")
        expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
        found(shop, "b")
        found(shop, "c")
        expect(page.get_by_role("status").filter(has_text="2 more happened meanwhile")).to_be_visible()
        expect(stories(page)).to_have_count(1)
        page.keyboard.press("p")
        expect(stories(page)).to_have_count(3)
        found(shop, "d")
        expect(stories(page)).to_have_count(4)


def test_a_burst_leaves_the_page_small_and_older_stories_within_reach(
    browser: Browser, shop: Shop, address: str
) -> None:
    with page_of(browser) as page:
        page.goto(address)
        expect(page.get_by_text("Nothing happened")).to_be_visible()
        for wave in range(12):
            with shop.store.writing() as connection:
                records = [_record(shop, f"a{wave:02}{number:02}") for number in range(40)]
                for projection in shop.store.projections:
                    if Kind.MATCHES in projection.applies:
                        projection.applies[Kind.MATCHES](connection, records)
            shop.feed.tell({})
            expect(page.locator(f'#stories .story[data-story="{40 * (wave + 1)}"]')).to_be_visible()
        assert stories(page).count() == 200
        expect(page.locator(".story-more").first).to_contain_text("and 10 more before these")
        page.get_by_role("button", name="Show more").click()
        expect(stories(page)).to_have_count(250)


def _record(shop: Shop, owner: str):
    value = {
        "listing_id": owner,
        "revision": 1,
        "generation": "g1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "cause": "",
        "matches": [Match("z", 0.9, EVIDENCE).to_json()],
        "added": ["z"],
        "removed": [],
    }
    return shop.record(Kind.MATCHES, owner, value)


def test_where_too_many_watch_the_page_asks_by_itself(browser: Browser, shop: Shop, address: str) -> None:
    object.__setattr__(shop.services, "feed", Feed(most=0))
    with page_of(browser) as page:
        page.goto(address)
        found(shop, "a")
        expect(stories(page)).to_have_count(1)


def test_a_page_that_nobody_looks_at_gives_its_connection_back(browser: Browser, shop: Shop, address: str) -> None:
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    with page_of(browser) as page:
        page.goto(address)
        found(shop, "a")
        expect(stories(page)).to_have_count(1)
        page.evaluate(hide, True)
        until(lambda: not shop.feed.watched)
        found(shop, "b")
        page.evaluate(hide, False)
        expect(stories(page)).to_have_count(2)
        until(lambda: shop.feed.watched)


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_it_goes_on_after_the_server_was_started_again(browser: Browser, shop: Shop) -> None:
    with page_of(browser) as page:
        with shop.served() as address:
            found(shop, "a")
            page.goto(address)
            expect(stories(page)).to_have_count(1)
        found(shop, "b")
        with shop.served(port=int(address.rsplit(":", 1)[1])):
            expect(stories(page)).to_have_count(2)
            found(shop, "c")
            expect(stories(page)).to_have_count(3)


def test_whoever_does_not_see_the_page_can_use_it(browser: Browser, shop: Shop, address: str) -> None:
    found(shop, "a", image="x.jpg")
    with page_of(browser) as page:
        page.goto(address)
        assert page.locator("h1").count() == 1
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input, select, button')]"
            ".filter(one => !(one.labels?.length || one.textContent.trim() || one.getAttribute('aria-label')))"
            ".map(one => one.outerHTML)"
        )
        assert unnamed == []
        assert page.locator("img:not([alt])").count() == 0
        assert "Events per minute" in (
            page.get_by_role("img", name="Events per minute").get_attribute("aria-label") or ""
        )
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
