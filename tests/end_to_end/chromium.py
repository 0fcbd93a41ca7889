"""A real Chromium, driven by Playwright; the browser is one that the machine has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

_PATIENCE_MS = 60_000
"""For whatever is expected of a page: by itself Playwright waits for five seconds, which a busy machine may take."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


expect.set_options(timeout=_PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is skipped where there is none."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"], timeout=2 * _PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, **options: object) -> Iterator[Page]:
    """A page in a context of its own; whatever it complains about fails the test.

    Scripts that fail, and what the content policy refuses, are complaints.
    """
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield page
    finally:
        context.close()
    assert not complaints, complaints


def until_pictures_are_there(page: Page) -> None:
    """Wait until every picture on the page has come, or failed for good.

    Playwright's own way of waiting evaluates text in the page, which the content policy forbids.
    """
    pause_ms = 50
    for _ in range(_PATIENCE_MS // pause_ms):
        if page.evaluate("[...document.images].every((one) => one.complete || one.loading === 'lazy')"):
            return
        page.wait_for_timeout(pause_ms)
    raise AssertionError("pictures that do not come")
