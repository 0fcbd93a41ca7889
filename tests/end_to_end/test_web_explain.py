"""The page that explains two listings, in a real browser."""

from itertools import pairwise
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of
from fakes.explaining import indexed
from fakes.web import Shop, listing
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

LONG = "<script>document.title = 'hi'</script> " + "Supercalifragilistic" * 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_number_is_seen_on_a_phone_and_a_desk(tmp_path: Path, scheme: str) -> None:
    shop = Shop(tmp_path)
    one, other = listing("a/1", title=LONG + " 64 GB"), listing("b", title="Lamp 128 GB", image="none.jpg")
    shop.lists(one, other)
    indexed(shop, one, other)
    with shop.served() as address, chromium() as browser:
        for width in (390, 1280):
            with page_of(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
                page.goto(f"{address}/compare")
                page.get_by_label("A listing's id").fill("a/1")
                page.get_by_label("Another's").fill("b")
                page.keyboard.press("Enter")
                expect(page.get_by_text("They contradict each other, whatever their score")).to_be_visible()
                assert page.title() == "Explain · matchstream"
                expect(page.get_by_role("meter", name="photos")).to_have_count(1)
                expect(page.get_by_role("img", name="probability")).to_be_visible()
                assert page.locator(".contributions rect").count() > 10
                page.get_by_text("smaller ones").click()
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
                assert levels[0] == 1
                assert all(after - before <= 1 for before, after in pairwise(levels))
                assert page.locator("img:not([alt]), svg:not([aria-label]):not([aria-hidden])").count() == 0


def test_without_a_worker_the_page_says_so(tmp_path: Path) -> None:
    with Shop(tmp_path).served() as address, chromium() as browser, page_of(browser) as page:
        page.goto(f"{address}/compare?one=a&other=b")
        expect(page.get_by_role("heading", name="Service Unavailable")).to_be_visible()
        expect(page.get_by_text("no worker has it open")).to_be_visible()
