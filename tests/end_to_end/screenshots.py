"""The pictures of the readme: `make screenshots` runs the demo, opens its page in a real browser and takes them.

They land in docs/images, small: a palette of 256 colours is enough for a page.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from end_to_end.chromium import chromium, until_pictures_are_there
from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


def main() -> None:
    """Take them all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--to", type=Path, default=ROOT / "docs" / "images", help="folder for the pictures")
    arguments.add_argument("--products", default="120", help="products of the demo's catalogue")
    given = arguments.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    with demo(given.products) as (address, token), chromium() as browser:
        for scheme in ("light", "dark"):
            for name, take in PICTURES.items():
                with opened(browser, address, token, scheme, PHONE if name.endswith("phone") else DESK) as page:
                    take(page)
                    keep(page, given.to / f"{name}-{scheme}.png")


def live(page: Page) -> None:
    """The live page, a while after the start."""
    page.goto("/")
    page.wait_for_selector("article, li.story, .story")


def product(page: Page) -> None:
    """The product with most offers."""
    page.goto("/browse?order=offers")
    page.locator("a[href^='/product?']").first.click()
    page.wait_for_load_state("networkidle")


def review(page: Page) -> None:
    """The first pair of the queue."""
    page.goto("/review")
    page.wait_for_load_state("networkidle")


def search(page: Page) -> None:
    """Words that find something."""
    page.goto("/find?words=orange+velvet+cushion")
    page.wait_for_load_state("networkidle")


PICTURES = {"live": live, "product": product, "review": review, "search": search, "review-phone": review}


@contextmanager
def demo(products: str) -> Iterator[tuple[str, str]]:
    """The demo with its page on a free port: the address, and the token to judge with."""
    command = [sys.executable, "-m", "streams.cli.main", "demo", "--products", products]
    environment = {**os.environ, "MATCHSTREAM_WEB_PORT": "0", "COLUMNS": "200"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        for line in process.stdout or ():
            if found := re.search(r"(http://[\d.:]+)/enter\?token=(\S+)", line):
                yield found[1], found[2]
                return
        raise SystemExit("the demo ended before its page was there")
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def opened(browser: Browser, address: str, token: str, scheme: str, size: dict[str, int]) -> Iterator[Page]:
    """A page of somebody who may judge."""
    context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(f"/enter?token={token}")
    page.fill("[name=name]", "Ann")
    page.click("button.main")
    page.wait_for_load_state()
    try:
        yield page
    finally:
        context.close()


def keep(page: Page, path: Path) -> None:
    """Write what is on the screen."""
    until_pictures_are_there(page)
    page.wait_for_timeout(1_000)  # lazy ones come as they are scrolled to
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(256).save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    main()
