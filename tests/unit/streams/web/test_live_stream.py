"""What watchers get: parts of the page, a few times a second, whatever comes and however slowly they read."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fakes.web import Shop, listing

from streams.events import Match
from streams.web.live import streaming
from streams.web.live.feed import Feed
from streams.web.live.reading import Wanted
from streams.web.live.stories import StoryKind
from streams.web.live.streaming import EventStream, sent_event, stream

EVIDENCE = {"text": 0.9, "rule": "combined>=0.85"}


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path, {"web_rate_per_minute": 0})
    shop.feed = Feed(most=3, push_every_s=0.02)
    object.__setattr__(shop.services, "feed", shop.feed)
    return shop


def found(shop: Shop, owner: str, title: str = "Lamp", **more: object) -> None:
    shop.lists(listing(owner, title=title, **more))
    shop.tells_matches(owner, Match("z", 0.9, EVIDENCE))


def read(sent: bytes) -> dict[str, str]:
    """As a browser reads an event. Source: WHATWG HTML, server-sent events, section 9.2.6."""
    fields: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", sent.decode()):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name:
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


async def next_stories(events: AsyncIterator[bytes]) -> dict[str, str]:
    async for sent in events:
        if sent.startswith(b"event: stories"):
            return read(sent)
    raise AssertionError("it ended")


@pytest.mark.parametrize("breaks", ["\n", "\r", "\r\n"])
def test_whatever_breaks_lines_stays_inside_the_data(breaks: str) -> None:
    data = f"one{breaks}event: other{breaks}{breaks}id: 7{breaks}two"
    fields = read(sent_event("stories", data, 3))
    assert fields == {"event": "stories", "data": "one\nevent: other\n\nid: 7\ntwo", "id": "3"}


async def test_a_watcher_gets_what_comes_and_a_hostile_title_stays_text(shop: Shop) -> None:
    async with aclosing(stream(shop.services, Wanted(), 0)) as events:
        assert (await anext(events)).startswith(b"retry: ")
        found(shop, "a", "<script>alert(1)</script>\r\nid: 99")
        told = await next_stories(events)
    assert told["id"] == "1"
    assert "&lt;script&gt;" in told["data"]
    assert "<script>" not in told["data"]


async def test_who_comes_back_gets_what_it_missed_within_bounds(shop: Shop) -> None:
    for number in range(50):
        found(shop, f"a{number}")
    async with aclosing(stream(shop.services, Wanted(), 10)) as events:
        told = await next_stories(events)
    assert told["data"].count("data-story=") == streaming.AT_ONCE
    assert "and 10 more" in told["data"]
    assert told["id"] == "50"
    async with aclosing(stream(shop.services, Wanted(), 48)) as events:
        assert (await next_stories(events))["data"].count("data-story=") == 2


async def test_filters_hold_for_what_comes_too(shop: Shop) -> None:
    wanted = Wanted(StoryKind.FOUND, "Lamps", "seller-b", "GRÜNE lampe")
    async with aclosing(stream(shop.services, wanted, 0)) as events:
        found(shop, "a", "Grüne Lampe")
        found(shop, "c", "Grüne Lampe", seller_id="seller-b", category="Chairs")
        found(shop, "d", "Rote Lampe", seller_id="seller-b")
        found(shop, "b", "Eine grüne LAMPE")
        told = await next_stories(events)
    assert re.findall(r'href="/product\?id=(\w+)"', told["data"])[0] == "b"
    assert told["data"].count("data-story=") == 1


async def test_one_that_does_not_read_holds_up_nobody(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr(streaming, "SEND_WITHIN_S", 0.3)
    stuck = asyncio.Event()

    async def takes_nothing(_message: object) -> None:
        if stuck.is_set():
            await asyncio.Event().wait()
        stuck.set()

    answer = EventStream(stream(shop.services, Wanted(), 0))
    slow = asyncio.create_task(answer.stream_response(takes_nothing))
    async with aclosing(stream(shop.services, Wanted(), 0)) as events:
        await anext(events)
        await stuck.wait()
        for number in range(3):
            found(shop, f"a{number}")
            assert (await next_stories(events))["data"].count("data-story=") == 1
        await slow  # let go by itself
        assert shop.feed.watched == 1


async def test_the_number_of_watchers_is_bounded(shop: Shop) -> None:
    async with aclosing(stream(shop.services, Wanted(), 0)) as one, aclosing(stream(shop.services, Wanted(), 0)) as two:
        await asyncio.gather(anext(one), anext(two))
        assert not shop.feed.full
        async with aclosing(stream(shop.services, Wanted(), 0)) as three:
            await anext(three)
            answer = await asyncio.to_thread(shop.client().get, "/live/events")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
            assert "asks every few seconds" in answer.json()["detail"]
    assert not shop.feed.full


async def test_all_who_watch_the_same_are_told_by_one_question(shop: Shop, monkeypatch) -> None:
    asked = []
    real = streaming._news
    monkeypatch.setattr(streaming, "_news", lambda *question: asked.append(question) or real(*question))
    shop.feed._push_every_s = 0.3

    async def watch() -> dict[str, str]:
        async with aclosing(stream(shop.services, Wanted(), 0)) as events:
            return await next_stories(events)

    await shop.feed.next_slot()
    found(shop, "a")
    told = await asyncio.gather(*(watch() for _ in range(20)))
    assert len({one["data"] for one in told}) == 1
    assert len(asked) <= 2


async def test_an_answer_from_before_the_news_is_not_given_again(shop: Shop) -> None:
    shop.feed._push_every_s = 60
    answers = iter(["old", "new"])
    assert await shop.feed.once("what", lambda: next(answers)) == "old"
    assert await shop.feed.once("what", lambda: next(answers)) == "old"
    shop.feed.tell({})
    assert await shop.feed.once("what", lambda: next(answers)) == "new"


async def test_watchers_leave_when_the_server_closes(shop: Shop) -> None:
    events = stream(shop.services, Wanted(), 0)
    await anext(events)
    ended = asyncio.create_task(_all(events))
    await asyncio.sleep(0)
    shop.feed.close()
    assert not [one for one in await ended if one.startswith(b"event: stories")]


async def _all(events: AsyncIterator[bytes]) -> list[bytes]:
    return [one async for one in events]


def test_older_stories_come_when_asked_for(shop: Shop) -> None:
    for number in range(120):
        found(shop, f"a{number:03}")
    page = shop.client().get("/").text
    assert page.count("data-story=") == 50
    last = min(map(int, re.findall(r'data-story="(\d+)"', page)))
    answer = shop.client().get("/live/stories", params={"before": last})
    assert (answer.text.count("data-story="), answer.headers["X-More"]) == (50, "20")


@pytest.mark.parametrize("query", ["kind=nothing", "words=%00%27%25", "category='--&seller=%F0%9F%92%A1"])
def test_any_filter_is_answered(shop: Shop, query: str) -> None:
    found(shop, "a")
    assert shop.client().get(f"/?{query}").status_code == 200
    assert shop.client().get(f"/live/stories?before=5&{query}").status_code == 200


def test_an_empty_page_says_what_to_do(shop: Shop) -> None:
    assert "matchstream publish" in shop.client().get("/").text
    assert "Show everything" in shop.client().get("/?kind=drop").text
