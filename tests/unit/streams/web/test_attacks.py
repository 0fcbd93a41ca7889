"""What people with bad intentions would try: hostile data on every page, writing without leave, stopping the page."""

import base64
import json
import re
import stat
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fakes.explaining import indexed
from fakes.judged_shop import judges, match, votes
from fakes.web import TOKEN, Shop, listing
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from streams.errors import BusyError
from streams.events.votes import MAX_NAME_LENGTH
from streams.settings import Settings
from streams.web.catalogue.showing import shop_of
from streams.web.live.streaming import sent_event
from streams.web.safety.limits import RateLimit
from streams.web.safety.sessions import COOKIE
from streams.web.safety.turns import Turns

HTML = {"Accept": "text/html"}
NEEDS_NO_TOKEN = {("POST", "/enter"), ("POST", "/find"), ("POST", "/search")}
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


def writing_paths(shop: Shop) -> list[tuple[str, str]]:
    routes = [one for one in every_route(shop.app.routes) if not (one.methods or set()) <= {"GET", "HEAD"}]
    return [(method, one.path) for one in routes for method in one.methods or ()]


def every_route(routes: Any) -> Iterator[APIRoute]:
    for one in routes:
        if isinstance(one, APIRoute):
            yield one
        elif (inner := getattr(one, "original_router", None)) is not None:
            yield from every_route(inner.routes)


def with_cookie(shop: Shop, name: str = "ann") -> tuple[TestClient, str]:
    """Somebody who has entered, and the word of this session."""
    client = shop.client()
    client.post("/enter", data={"token": TOKEN, "name": name}, follow_redirects=False)
    page = client.get("/").text
    return client, page.partition('"X-CSRF-Token": "')[2].partition('"')[0]


def test_whatever_writes_wants_the_token_and_the_word_of_the_session(shop: Shop) -> None:
    paths = set(writing_paths(shop))
    assert paths >= NEEDS_NO_TOKEN | {("POST", "/votes"), ("POST", "/review/vote"), ("POST", "/leave")}
    (mine, _), (_, theirs) = with_cookie(shop), with_cookie(shop, "eve")
    tampered = shop.client()
    tampered.cookies.set(COOKIE, f"{mine.cookies[COOKIE]}x")
    for method, path in sorted(paths - NEEDS_NO_TOKEN):
        wrong = {"Authorization": "Bearer wrong"}
        for client, headers in ((shop.client(), {}), (shop.client(), wrong), (tampered, {})):
            assert client.request(method, path, headers=headers).status_code == 401, (method, path)
        for headers in ({}, {"X-CSRF-Token": theirs}, {"Sec-Fetch-Site": "cross-site"}, {"X-CSRF-Token": b"\xe9"}):
            assert mine.request(method, path, headers=headers).status_code == 403, (method, path)
    assert shop.said == []


def test_other_methods_do_nothing(shop: Shop) -> None:
    client = shop.client(may_write=True)
    for path in {path for _, path in writing_paths(shop)}:
        for method in ("PUT", "PATCH", "OPTIONS", "TRACE"):
            assert client.request(method, path).status_code == 405
    answer = client.options("/votes", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "then",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "//[",
        "javascript:x",
        "/\t/evil.example",
        "x\r\ny: z",
    ],
)
def test_the_way_in_leads_nowhere_else(shop: Shop, then: str) -> None:
    answer = shop.client().post("/enter", data={"token": TOKEN, "name": "a", "then": then}, follow_redirects=False)
    assert answer.headers["Location"] == "/review"
    assert 'name="then" value="/review"' in shop.client().get("/enter", params={"then": then}).text


def test_a_name_stays_a_name(shop: Shop) -> None:
    client, word = with_cookie(shop, "ann\r\nSet-Cookie: x=y\u202e" + "n" * 1_000)
    assert word
    assert set(client.cookies) == {COOKIE}
    assert f"<span>{('annSet-Cookie: x=y' + 'n' * 1_000)[:MAX_NAME_LENGTH]}</span>" in client.get("/").text


def test_failures_tell_nothing_and_forbid_as_much(shop: Shop) -> None:
    async def fails() -> None:
        raise RuntimeError(TOKEN)

    shop.app.add_api_route("/fails", fails)
    for headers in (HTML, {}):
        answer = shop.client().get("/fails", headers=headers)
        assert answer.status_code == 500
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert TOKEN not in answer.text


def test_only_photos_may_be_large(shop: Shop) -> None:
    large = b'{"a":[' + b"[]," * 1_000_000 + b"1]}"
    began = time.monotonic()
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
        assert shop.client().post("/votes", content=large, headers={"Content-Type": kind}).status_code == 413
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "charset", ["punycode", "utf-7", '"idna"', "utf-8; charset=punycode", "utf-8; charset*=utf-8''idna"]
)
def test_forms_choose_no_codec(shop: Shop, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n' + b"9a" * 1_000 + b"\r\n--x--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    assert shop.client().post("/find", content=body, headers=headers).status_code == 415
    plain = {"Content-Type": "multipart/form-data; boundary=x; charset=UTF-8"}
    assert shop.client().post("/enter", content=body, headers=plain).status_code == 403


@pytest.mark.parametrize("place", [["offers", 2**63, 1], ["offers", 1, 2**63], ["offers", "x", 1], [], 7])
def test_forged_places_are_refused(shop: Shop, place: object) -> None:
    after = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    assert shop.client().get("/products", params={"order": "offers", "after": after}).status_code == 422


def test_evidence_that_is_none_stops_nothing(shop: Shop) -> None:
    shop.lists(listing("a"), listing("b"))
    for evidence in (
        {"rule": "0.8<=combined<0.9.9"},
        {"rule": "combined>=."},
        {"rule": "text>=1.2.3", "text": 0.9},
        {"rule": 7},
        {"rule": "probability>=0.9", "probability": "x"},
        {"rule": "combined>=0.9", "text": None},
        {"rule": "combined>=0.9", "text": [1]},
    ):
        told = match("b", evidence)
        shop.tells_matches("a", told, review=(told,))
        for path in ("/", "/review?one=a&other=b", "/listings/a/matches"):
            assert shop.client().get(path).status_code == 200, (evidence, path)


def test_searches_have_so_much_room(shop: Shop) -> None:
    indexed(shop, listing("a"), listing("b"))
    full = [shop.services.asking.taken() for _ in range(32)]
    for one in full:
        one.__enter__()
    for path in ("/search?like=a", "/find?like=a", "/explanations?one=a&other=b", "/compare?one=a&other=b"):
        answer = shop.client().get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    for one in full:
        one.__exit__(None, None, None)
    assert shop.client().get("/search?like=a").status_code == 200
    with pytest.raises(BusyError, match="photos: 0 at a time"), Turns("photos", 0).taken():
        pass


def test_many_addresses_share_what_the_limiter_keeps() -> None:
    limit = RateLimit(_nothing, Settings(_env_file=None))
    counters = {limit._counter(f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}") for n in range(20_000)}
    assert 2_000 < len(counters) <= 4_096
    one_network = {limit._counter(f"2001:db8:0:7::{n:x}") for n in range(100)}
    assert len(one_network) == 1
    assert limit._counter("::ffff:10.0.0.1") == limit._counter("10.0.0.1")


async def _nothing(*_: object) -> None:
    """An application."""


def test_what_is_kept_is_the_owners(shop: Shop) -> None:
    shop.lists(listing("a"))
    for path in shop.folder.glob("web.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


INSIDE = (
    "/etc/passwd",
    "../x.png",
    "file:///etc/passwd",
    "gopher://a/",
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "http://localhost:1/x",
    "http://169.254.169.254/latest",
    "http://[::ffff:10.0.0.1]/",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_leads_inside(shop: Shop, address: str) -> None:
    indexed(shop, listing("a"))
    answer = shop.client().get("/search", params={"address": address})
    assert answer.status_code == 422
    assert re.search("a path|scheme|loopback|private|link-local", answer.json()["detail"])


def test_long_texts_and_questions_hold_nothing_up(shop: Shop) -> None:
    client = shop.client()
    shop.lists(listing("a", title="a " * 2_400), listing("b", title="1,1." * 1_200, description="9 ml x " * 14_000))
    shop.tells_matches("a", review=(match("b", {"rule": "0.8<=combined<0.9"}, 0.85),))
    began = time.monotonic()
    for path in ("/browse?words=" + "a*%20" * 75, "/?words=" + "%25_" * 60, "/review", "/offers?gtin=" + "0-" * 19):
        assert client.get(path).status_code in {200, 422}
    assert client.get("/find", params={"words": "x" * 60_000}).status_code == 422
    assert time.monotonic() - began < 5
