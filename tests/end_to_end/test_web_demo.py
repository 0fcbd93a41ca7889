"""The demo's page as a newcomer meets it: real workers behind it, a real browser before it."""

import re
import time
from urllib.parse import urlencode

import httpx
import pytest
from end_to_end.chromium import chromium, page_of
from end_to_end.commands import interrupt

from encoders.bundle import SHIPPED

pytestmark = pytest.mark.skipif(not (SHIPPED / "demo" / "manifest.json").is_file(), reason="no bundle 'demo' ships")

_ANSWERS_WITHIN_S = 60
_ACTS_WITHIN_MS = 60_000
"""Far above the second or two it takes: the machine may be full of other tests."""


def entrance(process):
    """The page's address and the token, as the demo prints them once everything is drained."""
    for line in process.stdout:
        if found := re.search(r"(http://[\d.:]+)/enter\?token=(\S+)", line):
            return found[1], found[2]
    raise AssertionError("the demo ended before its page was there")


def matched_pair(address):
    """Two listings that match one another, of the product with most listings."""
    found = httpx.get(f"{address}/products", params={"order": "offers"}, timeout=_ANSWERS_WITHIN_S).json()
    product = found["products"][0]["product_id"]
    matches = httpx.get(f"{address}/listings/{product}/matches", timeout=_ANSWERS_WITHIN_S).json()["matches"]
    return product, matches[0]["listing_id"]


def test_a_judgement_splits_a_product_and_the_live_page_shows_it(command):
    process = command.with_(web_port=0).start("demo", "--products", "8")  # 8000 may be about to be another test's
    try:
        address, token = entrance(process)
        one, other = matched_pair(address)
        with (
            chromium() as browser,
            page_of(browser, base_url=address) as live,
            page_of(browser, base_url=address) as judge,
        ):
            live.goto("/")
            judge.goto(f"/enter?{urlencode({'token': token, 'then': '/review'})}")
            judge.get_by_label("Your name").fill("Ann")
            judge.get_by_role("button", name="Enter").click()
            judge.goto(f"/review?{urlencode({'one': one, 'other': other})}")
            judge.get_by_role("heading", name="Are these two the same product?").wait_for()
            begin = time.monotonic()
            judge.keyboard.press("d")
            judge.get_by_text("Said: different.").wait_for()
            split = live.locator(".story", has_text="Product split").filter(has_text="Ann")
            split.first.wait_for(timeout=_ACTS_WITHIN_MS)
            print(f"from the key to the live page: {time.monotonic() - begin:.2f} s")
            products = {
                httpx.get(f"{address}/listings/{listing_id}", timeout=_ANSWERS_WITHIN_S).json()["product_id"]
                for listing_id in (one, other)
            }
            assert len(products) == 2

            judge.keyboard.press("z")
            judge.get_by_text("Taken back: different.").wait_for()
            split.locator("xpath=preceding-sibling::*", has_text="Match found").first.wait_for(timeout=_ACTS_WITHIN_MS)
    finally:
        interrupt(process)
        process.communicate(timeout=120)
