"""Searching in a real browser: by words, by an uploaded photo, by both."""

import asyncio
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of, until_pictures_are_there
from fakes.colours import colour_shop


@pytest.mark.parametrize("width", [390, 1280])
def test_words_then_a_photo_then_both(tmp_path: Path, width: int) -> None:
    shop = asyncio.run(colour_shop(tmp_path))
    size = {"width": width, "height": 800}
    with shop.served() as address, chromium() as browser, page_of(browser, viewport=size, base_url=address) as page:
        page.goto("/find")
        page.get_by_label("What do you look for?").fill("green chair")
        page.get_by_role("button", name="Search").click()
        first = page.locator("#found .name").first
        first.get_by_text("green chair").wait_for()
        assert "words=green+chair" in page.url  # to be sent to somebody else
        page.reload()
        first.get_by_text("green chair").wait_for()

        page.get_by_label("What do you look for?").fill("")
        page.get_by_label("A photo of it").set_input_files(tmp_path / "blue-lamp.png")
        first.get_by_text("blue").wait_for()
        page.get_by_label("What do you look for?").fill("red")
        page.get_by_label("With both").fill("0.7")
        first.get_by_text("red lamp").wait_for()
        page.locator("#found .photo img").first.scroll_into_view_if_needed()
        until_pictures_are_there(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        page.locator("#found li").first.get_by_role("link", name="More like this").click()
        page.get_by_text("Like this listing").wait_for()
