"""What models see on photos, in a real browser: filtered by, read, and told from the sellers' words."""

import asyncio
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of
from end_to_end.looks import complaints
from fakes.colours import colour_shop
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

LABEL = "Seen on the photo, by a model"


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_filtering_by_a_tag_and_reading_the_line(tmp_path: Path, width: int, scheme: str) -> None:
    shop = asyncio.run(colour_shop(tmp_path))
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with shop.served() as address, chromium() as browser, page_of(browser, base_url=address, **options) as page:
        page.goto("/browse")
        page.get_by_text("Seen on the photos, by a model").click()
        page.get_by_role("link", name="red 2").click()
        expect(page.locator("#found")).to_have_text("2 products showing colour red")
        page.get_by_label("Category on the photo").get_by_role("link", name="lamp 1").click()
        expect(page.locator(".product .name")).to_have_text(["red lamp"])
        assert complaints(page) == []
        page.get_by_label("Words in titles").press_sequentially("red")
        expect(page.locator("#found")).to_have_text("1 product showing colour red, category lamp")
        _the_product_says_who_saw_it(page)

        page.goto("/find?words=red+blue")
        page.get_by_text("Filters").click()
        expect(page.get_by_label("Colour")).to_be_visible()
        page.get_by_label("Colour").select_option("blue (2)")
        expect(page.locator("#found .name").first).to_contain_text("blue")
        expect(page.locator("#found .name")).to_have_count(2)
        expect(page).to_have_url(f"{address}/find?words=red+blue&tag=colour%3Ablue")
        page.get_by_label("A photo of it").set_input_files(tmp_path / "red-lamp.png")
        expect(page.locator("#found .name")).to_have_count(2)
        expect(page.locator("#found .seen").first).to_contain_text(f"{LABEL}: a blue")
        assert complaints(page) == []


def _the_product_says_who_saw_it(page: Page) -> None:
    page.locator(".product a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("red lamp")
    seen = page.locator(".seen")
    expect(seen).to_contain_text("a red lamp on a table")
    expect(seen.locator(".seen-by")).to_have_text(LABEL)
    look = "one => { const it = getComputedStyle(one); return [it.borderLeftStyle, it.borderLeftWidth]; }"
    assert seen.evaluate(look) == ["dashed", "3px"]
    assert complaints(page) == []
