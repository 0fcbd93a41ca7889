"""What people with bad intentions would try: hostile data on every page, writing without leave, stopping the page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from fakes.explaining import indexed
from fakes.judged_shop import judges, match, votes
from fakes.web import Shop, listing

from streams.web.catalogue.showing import shop_of
from streams.web.live.streaming import sent_event

HTML = {"Accept": "text/html"}
HOSTILE = {
    "elements": "</title></script><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>",
    "attributes": "\" autofocus onfocus=alert(4) x='' onmouseover='alert(5)' `",
    "templates": "{{ 7 * 191 }} {% raw %} ${7*191} #{7*191} <%= 7*191 %>",
    "lines": "a\r\nevent: stories\r\ndata: <b>x</b>\r\n\r\nid: 9\u2028\u2029\x85b",
    "directions": "\u202e\u2066lamp\u200f \ud7ff\ufdd0 x",
    "paths": "../../%2e%2e%2f/%00/\\..\\?a=b&c=d#e;f",
    "searches": "%_'\" OR 1=1 -- NEAR(a b) * ^ : {words} -x",
    "htmx": '<b hx-get="//evil.example" hx-trigger="load" hx-on:load="alert(6)" data-hx-get="/leave">x</b>',
}
LINKS = [
    "javascript:alert(7)",
    "data:text/html,<script>alert(8)</script>",
    "//evil.example",
    "https://good@evil.example",
]


class Skeleton(HTMLParser):
    """What a page is made of besides its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: set[tuple[str, ...]] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.add((tag, *sorted(name for name, _ in attrs if name not in {"open", "selected", "hidden"})))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Skeleton]:
    """The pages with harmless data."""
    return {
        name: Skeleton(text) for name, text in pages(tmp_path_factory.mktemp("plain"), "lamp", "https://a.example/x")
    }


def pages(folder: Path, text: str, link: str) -> Iterator[tuple[str, str]]:
    """Every page that shows what others wrote, with this text wherever they may write."""
    shop = Shop(folder)
    ids = sorted(f"{text[:200]}{n}" for n in range(3))
    words = {name: f"{text} {name}" for name in ("title", "description", "seller_id", "category", "brand")}
    some = [listing(one, **words, image=link, url=link, attributes={text[:80]: [text], "size": one}) for one in ids]
    shop.lists(*some)
    shop.tells_product(*some)
    shop.tells_product(*[{**one, "price": "8.00"} for one in some], revision=2)
    told = match(ids[1], {"text": 0.95, "rule": f"combined>=0.9 {text}", text: text})
    shop.tells_matches(ids[0], told, review=(match(ids[2], {"text": 0.8, "rule": "0.8<=combined<0.9"}, 0.85),))
    indexed(shop, *some)
    for by in (text, "ann"):
        votes(shop, ids[0], ids[1], "same", by)
    judges(shop, ids[0], ids[1], "same", by=text)
    client, named = shop.client(may_write=True), [quote(one, safe="") for one in ids]
    paths = {
        "live": "/",
        "filtered": f"/?words={quote(text[:150])}&category={quote(text[:150])}&seller={quote(text[:150])}",
        "stories": "/live/stories?before=99",
        "browse": "/browse",
        "browsed": f"/browse?words={quote(text[:200])}&seller={quote(words['seller_id'])}&category={quote(text)}",
        "product": f"/product?id={named[0]}",
        "find": f"/find?like={named[0]}",
        "review": "/review",
        "judged": f"/review?one={named[0]}&other={named[1]}",
        "figures": "/review/figures",
        "choose": f"/compare?one={named[0]}&other={named[0]}",
        "compare": f"/compare?one={named[0]}&other={named[1]}",
        "enter": f"/enter?token={quote(text)}&then={quote(text)}",
        "missing": f"/product?id={quote('no ' + text[:200])}",
        "nowhere": f"/{quote(text)}",
    }
    for name, path in paths.items():
        answer = client.get(path, headers=HTML)
        assert answer.status_code == (404 if name in {"missing", "nowhere"} else 200), (name, answer.text)
        yield name, answer.text
    judged = f"/judgements?one={named[0]}&other={named[1]}"
    for path in (judged, f"/prices?listing={named[0]}", "/products", "/review/next"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json"), answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_word_of_others_becomes_a_part_of_a_page(name: str, tmp_path: Path, plain: dict[str, Skeleton]) -> None:
    link = LINKS[list(HOSTILE).index(name) % len(LINKS)]
    for page, html in pages(tmp_path, HOSTILE[name], link):
        found = Skeleton(html)
        assert found.parts <= plain[page].parts | TOLERATED, page
        assert "1337" not in html
        for address in found.addresses:
            assert OURS.match(address), (page, address)


OURS = re.compile(r"#|/(?!/)")
TOLERATED = {("code",), ("mark", "class"), ("span", "class"), ("li", "class"), ("p", "class")}
"""Parts that a page may also have with other words."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_line_of_an_event_is_somebody_elses(text: str) -> None:
    lines = sent_event("stories", text, 3).decode()
    body = lines.removesuffix("\n\n")
    assert "\n\n" not in body
    assert "\r" not in lines
    assert {one.partition(": ")[0] for one in body.split("\n")} == {"event", "data", "id"}
    assert [one for one in body.split("\n") if one.startswith("id")] == ["id: 3"]


@pytest.mark.parametrize(
    "link", [*LINKS, "https://a.example\\@evil.example", "https://a.example/\u202egpj.x", "http://[", ""]
)
def test_links_lead_where_they_say(link: str) -> None:
    assert shop_of(link) is None
