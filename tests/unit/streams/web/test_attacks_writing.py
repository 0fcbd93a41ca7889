"""Attacks on what writes: tokens, cookies, forms of other sites, names, and what failures tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from fakes.web import TOKEN, Shop
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from streams.events.votes import MAX_NAME_LENGTH
from streams.web.safety.sessions import COOKIE

HTML = {"Accept": "text/html"}
NEEDS_NO_TOKEN = {("POST", "/enter"), ("POST", "/find"), ("POST", "/search")}


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
