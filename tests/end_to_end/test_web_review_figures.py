"""The figures of review in a browser, on a phone and on a desk."""

import pytest
from end_to_end.chromium import chromium, page_of
from fakes.judged_shop import judge_some, votes
from fakes.web import Shop

pytestmark = pytest.mark.slow

WIDTHS = (390, 1280)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_figures_are_readable_and_a_target_can_be_asked_for(tmp_path):
    shop = Shop(tmp_path)
    judge_some(shop)
    votes(shop, "r", "s", "same", "<b>a person of a very long name</b> " + "x" * 60)
    with shop.served() as address, chromium() as browser:
        for width in WIDTHS:
            with page_of(browser, viewport={"width": width, "height": 900}) as page:
                page.goto(f"{address}/review/figures")
                assert page.get_by_role("heading", name="Figures of review").is_visible()
                assert fits(page)
                lamps = page.get_by_role("region", name="Precision by category").get_by_role("row").nth(2)
                assert lamps.inner_text().startswith("lamps")
                assert "80.0 %" in lamps.inner_text()
                assert page.get_by_text("<b>a person").count() > 0
                page.get_by_label("Precision wanted").fill("0.5")
                page.get_by_role("button", name="Show").press("Enter")
                page.wait_for_url("**/review/figures?target=0.5")
                assert page.get_by_text("audited pairs missing for 50.0 %").is_visible()
                assert fits(page)
