"""Hostile listings among honest ones, through all stages: laid aside as they came, or taken; nobody else notices."""

import orjson
import pytest
from fakes.bench import POLICY
from fakes.flow import Flow
from fakes.hostile_texts import TITLES
from fakes.outcome import expected

from streams.events import Message
from streams.events.records import dead_letter_headers
from streams.index.edge import EdgeIndex
from streams.stages import Channel

HONEST = {f"h{i}": f"red shoe {i}" for i in range(3)}
IDS = {
    "newline": "a\nb",
    "carriage": "a\r\nb",
    "quotes": "a'b\"c`d",
    "path": "../../etc/passwd",
    "dot": "..",
    "nul": "a\0b",
    "right to left": "\u202ea\u2066b",
    "zero width": "\u200b\ufeff",
    "astral": "\U0001f9e6" * 64,
    "json": '{"listing_id": "h0"}',
    "sql": "a'; DROP TABLE listings; --",
    "template": "{{7*7}}${7*7}%s%n",
    "blank ends": " a ",
    "longest": "x" * 256,
    "number": "1e400",
    "null": "null",
}
STRANGEST = {IDS[name] for name in ("newline", "quotes", "path", "nul", "right to left", "astral", "longest", "null")}
BROKEN = {
    "a megabyte": orjson.dumps({"listing_id": "x", "title": "x" * 1_000_000}),
    "deep": b'{"listing_id":"x","title":"x","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deeper than the index": b'{"listing_id":"x","title":"x","a":' + b"[" * 60 + b"]" * 60 + b"}",
    "lone surrogate": rb'{"listing_id":"x","title":"\ud800"}',
    "beyond numbers": b'{"listing_id":"x","title":"x","a":1e400}',
    "whole number": b'{"listing_id":"x","title":"x","a":18446744073709551615}',
    "key that is no string": b'{"listing_id":"x","title":"x",1:2}',
    "two ids": b'{"listing_id":"x","title":"x","listing_id":"y"}',
    "other encoding": '{"listing_id":"x","title":"x"}'.encode("utf-16"),
    "nothing": b"",
}


def honest(flow: Flow) -> list[Message]:
    return [flow.publish(one, {"listing_id": one, "title": title, "version": 1}) for one, title in HONEST.items()]


async def lists_beside(published: list[dict]) -> Flow:
    """A flow through which these went among the honest ones, whose lists are those of the reference."""
    flow = Flow(POLICY)
    sent = honest(flow)
    sent += [flow.publish(one["listing_id"], one) for one in published]
    await flow.drain()
    assert flow.lists() == expected(sent, POLICY)
    assert not flow.sent[Channel.DEAD_LETTERS]
    return flow


@pytest.mark.parametrize("listing_id", IDS.values(), ids=IDS)
async def test_any_text_is_an_id_like_others(listing_id):
    flow = await lists_beside([{"listing_id": listing_id, "title": HONEST["h0"], "version": 1}])
    assert {one.listing_id for one in flow.told()["h0"].matches} >= {listing_id}
    assert {one.listing_id for one in flow.told()[listing_id].matches} >= {"h0"}
    assert any(listing_id in product.members for product in flow.products().values())


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
async def test_any_text_is_a_title_and_is_found_again(title):
    flow = await lists_beside([{"listing_id": one, "title": title, "version": 1} for one in ("t0", "t1")])
    compared = await flow.raw()
    assert ("t0" in compared) == ("t1" in compared)
    if "t0" in compared:
        assert [one.listing_id for one in flow.told()["t0"].matches] == ["t1"]


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
async def test_what_is_refused_is_laid_aside_as_it_came_and_nobody_else_notices(value):
    flow = Flow(POLICY)
    sent = honest(flow)
    flow.enqueue(Message("listings", b"x", value, timestamp_ms=5, headers={"trace": b"\xff\0"}))
    await flow.drain()
    assert flow.lists() == expected(sent, POLICY)
    [letter] = flow.sent[Channel.DEAD_LETTERS]
    assert (letter.key, letter.value, letter.headers["trace"]) == (b"x", value, b"\xff\0")
    reason = letter.headers["matchstream.reason"].decode()
    assert reason.startswith("listing 'x': ")
    assert " wanted; " in reason
    assert len(reason) < 400
    assert len(reason.splitlines()) == 1


@pytest.mark.parametrize("attributes", [{"a" * 1_000: "b" * 1_000}, {str(i): 10**15 + i for i in range(5_000)}])
async def test_attributes_without_measure_are_kept_and_looked_at_in_part(attributes):
    listing = {"listing_id": "t", "title": HONEST["h0"], "attributes": attributes, "version": 1}
    flow = await lists_beside([listing])
    assert (await flow.index.read(["t"]))["t"].payload["listing"] == listing


async def test_a_sender_s_headers_are_never_taken_for_ours():
    mine = {"matchstream.topic": b"another", "matchstream.reason": b"lies", "trace": b"1"}
    headers = dead_letter_headers(Message("listings", b"x", b"", headers=mine), "no JSON")
    assert (headers["matchstream.topic"], headers["matchstream.reason"]) == (b"listings", b"no JSON")
    assert headers["trace"] == b"1"


async def test_the_engine_keeps_any_id_and_any_words_as_they_are(tmp_path):
    """The same listings, in the embedded engine: what it gives back is what was sent."""
    flow = Flow(POLICY)
    engine = EdgeIndex.open(tmp_path, "c", flow.index._layout.dimensions)
    try:
        await flow_into(flow, engine)
    finally:
        await engine.close()


async def flow_into(flow: Flow, engine: EdgeIndex) -> None:
    object.__setattr__(flow.dependencies, "index", engine)
    listings = {one: {"listing_id": one, "title": "red shoe", one: one, "version": 1} for one in STRANGEST}
    some = ("nul", "right to left", "controls", "not characters")
    listings |= {one: {"listing_id": one, "title": TITLES[one]} for one in some}
    for one, listing in listings.items():
        flow.publish(one, listing)
    await flow.drain()
    points = await engine.read(list(listings))
    assert {one: point.payload["listing"] for one, point in points.items()} == listings
    assert set(flow.told()) == set(listings)
    everyone = {one.listing_id for one in flow.told()["null"].matches}
    assert everyone >= STRANGEST - {"null"}
