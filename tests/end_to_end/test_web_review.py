"""Review in a real browser: votes by keys and buttons, undo, three people, and what a phone shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of
from fakes.web import TOKEN, Shop, listing
from playwright.sync_api import Browser, Page, expect

from streams.events import Judgement
from streams.events.matches import Match
from streams.web.store import Kind

pytestmark = pytest.mark.slow

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
LONG = "unbroken" * 600


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def filled(folder: Path, **overrides: object) -> Shop:
    """Four pairs in this order: a1 a2, b1 b2, c1 c2, d1 d2; the third is hostile."""
    shop = Shop(folder, overrides)
    titles = {"a": "Lamp 64 GB", "b": "Chair", "c": "<script>alert('c')</script>\u202e" + LONG, "d": "Table"}
    for place, (name, title) in enumerate(titles.items()):
        one, other = f"{name}1", f"{name}2"
        shop.lists(listing(one, title=title, attributes={LONG[:80]: "red"}), listing(other, title=f"{title} 2"))
        told = Match(other, 0.89 - place / 100, {"text": 0.9, "rule": "0.80<=combined<0.90"})
        shop.tells_matches(one, review=(told,))
    return shop


def enter(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/enter?then=/review")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_url("**/review")


def shows(page: Page, listing_id: str) -> None:
    expect(page.locator("#pair code").first).to_have_text(listing_id)


def judged(shop: Shop) -> list[str]:
    """Pairs and verdicts that were published, in order."""
    topic = Kind.JUDGEMENTS.topic(shop.topics)
    found = [Judgement.from_bytes(one.key, one.value) for one in shop.said if one.topic == topic]
    return [f"{one.listing_ids[0]} {one.verdict}" for one in found]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_person_works_through_the_queue(browser: Browser, tmp_path: Path, size: dict[str, int]) -> None:
    shop = filled(tmp_path)
    with shop.served() as address, page_of(browser, viewport=size) as page:
        enter(page, address, "ann")
        shows(page, "a1")
        for key, following, said in (("s", "b1", "same"), ("d", "c1", "different"), ("u", "d1", "unsure")):
            stays_within(page)
            page.keyboard.press(key)
            shows(page, following)
            expect(page.get_by_role("status")).to_contain_text(f"Said: {said}. Now: ")
        page.get_by_role("button", name="Different").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="No pair waits for you")).to_be_focused()
        expect(page.locator(".progress")).to_have_text("4 of yours today · 0 left")
        stays_within(page)
        for taken in ("d1", "c1"):
            page.keyboard.press("z")
            shows(page, taken)
        expect(page.get_by_role("status")).to_contain_text("Taken back: unsure. Now: ")
        assert judged(shop) == ["a1 same", "b1 different", "c1 unsure", "d1 different", "d1 None", "c1 None"]


def stays_within(page: Page) -> None:
    """Nothing makes the page wider than the screen, and the buttons are in sight."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for button in page.locator("#verdicts button").all():
        expect(button).to_be_in_viewport()


def test_focus_stays_on_the_button_that_was_pressed(browser: Browser, tmp_path: Path) -> None:
    with filled(tmp_path).served() as address, page_of(browser, viewport=DESK) as page:
        enter(page, address, "ann")
        for following in ("b1", "c1"):
            page.get_by_role("button", name="Unsure").click()
            shows(page, following)
            expect(page.get_by_role("button", name="Unsure")).to_be_focused()


def test_three_people_decide_and_none_sees_what_the_model_says(browser: Browser, tmp_path: Path) -> None:
    shop = filled(tmp_path, review_votes="3", review_blind=True)
    with shop.served() as address:
        for name, key, before in (("ann", "d", 0), ("bob", "s", 1), ("cid", "d", 2)):
            with page_of(browser, viewport=DESK) as page:
                enter(page, address, name)
                shows(page, "a1")
                expect(page.get_by_text(f"{before} of 3 people have voted")).to_be_visible()
                expect(page.locator("meter")).to_have_count(0)
                assert "0.8" not in page.locator("main").inner_text()
                assert judged(shop) == []
                page.keyboard.press(key)
                shows(page, "b1")
    assert judged(shop) == ["a1 different"]
    row = shop.store.reading.execute("select by from judgements").fetchone()
    assert row["by"] == "ann, cid"


def test_who_only_looks_is_shown_the_way_in(browser: Browser, tmp_path: Path) -> None:
    shop = filled(tmp_path)
    with shop.served() as address, page_of(browser, viewport=PHONE, color_scheme="dark") as page:
        page.goto(f"{address}/review?queue=undecided")
        page.keyboard.press("s")
        expect(page.locator("#verdicts")).to_have_count(0)
        page.get_by_role("link", name="Enter").last.click()
        expect(page.get_by_label("Token")).to_be_visible()
    assert shop.said == []
