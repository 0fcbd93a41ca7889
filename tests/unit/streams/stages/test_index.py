"""The index stage: which event counts and what it writes."""

from dataclasses import replace

import pytest
from fakes.bench import POLICY, Bench, embedded, marked
from fakes.chaos import CrashError
from fakes.hash_encoder import HashEncoder

from encoders.types import Content, Modality
from streams.events import Mark
from streams.events.rows import same_rows
from streams.index import View
from streams.stages import Channel, state

SHOE = {"title": "red shoe", "image": "shoe 1", "price": "10", "currency": "EUR", "version": 1}


def rows_of(title=None, image=None):
    return HashEncoder().encode([Content(title, image)])[0].embedding


def writes(bench):
    return [step for step, _ in bench.steps if step in ("record", "rows", "payload", "forget")]


async def test_a_new_listing_is_stored_with_its_rows_and_marks_itself():
    bench = Bench()
    letters = await bench.put(bench.message("a", {**SHOE, "color": "red"}))
    point = await bench.point("a")
    assert same_rows(point.raw, rows_of("red shoe", b"shoe 1"))
    assert point.payload[state.LISTING] == {"listing_id": "a", **SHOE, "color": "red"}
    assert point.payload[state.MODALITIES[View.RAW]] == ["image", "lexical", "text"]
    assert state.PENDING[View.RAW] not in point.payload
    assert marked(letters, Channel.REBLEND) == ["a"]
    assert Mark.from_bytes(letters[0].key, letters[0].value).cause == "listing a published"


async def test_an_update_replaces_rows_and_listing():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    letters = await bench.put(bench.message("a", {"title": "blue lamp", "version": 2}))
    point = await bench.point("a")
    assert same_rows(point.raw, rows_of("blue lamp"))
    assert point.payload[state.LISTING] == {"listing_id": "a", "title": "blue lamp", "version": 2}
    assert point.payload[state.MODALITIES[View.RAW]] == ["lexical", "text"]
    assert set(point.payload[state.SEALS]) == {"title"}
    assert marked(letters, Channel.REBLEND) == ["a"]


async def test_a_price_only_update_writes_the_payload_and_marks_nobody():
    bench = Bench()
    await bench.publish(bench.message("a", SHOE), bench.message("b", {**SHOE, "image": "shoe 2"}))
    bench.steps.clear()
    assert await bench.put(bench.message("a", {**SHOE, "price": "12", "version": 2})) == []
    assert (await bench.point("a")).payload[state.LISTING]["price"] == "12"
    assert writes(bench) == ["payload"]


async def test_a_stale_event_changes_nothing_and_what_stands_is_said_again():
    bench = Bench()
    old = await bench.embed(bench.message("a", SHOE))
    await bench.put(bench.message("a", {"title": "blue lamp", "version": 2}))
    before = await bench.point("a")
    bench.steps.clear()
    [event] = embedded(await bench.apply(*old))
    after = await bench.point("a")
    assert event.listing["title"] == "blue lamp"
    assert after.payload == before.payload
    assert same_rows(after.raw, before.raw)
    assert writes(bench) == []


async def test_a_batch_with_versions_in_any_order_ends_with_the_newest():
    bench = Bench()
    letters = [
        letter
        for version in (2, 3, 1)
        for letter in await bench.embed(bench.message("a", {"title": f"version {version}", "version": version}))
    ]
    marks = await bench.apply(*letters)
    assert same_rows((await bench.point("a")).raw, rows_of("version 3"))
    assert marked(marks, Channel.REBLEND) == ["a"]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
@pytest.mark.parametrize("failed_first", [True, False], ids=["failed first", "failed later"])
async def test_a_repeat_adds_rows_that_failed_and_removes_none(together, failed_first):
    bench = Bench()
    message = bench.message("a", SHOE)
    [worked] = await bench.embed(message)
    [event] = embedded([worked])
    text_only = {modality: row for modality, row in event.embedding.items() if modality is not Modality.IMAGE}
    seals = {"title": event.seals["title"]}
    failed = replace(
        worked, value=replace(event, embedding=text_only, seals=seals, failures={"image": "404"}).to_bytes()
    )
    batch = [failed, worked] if failed_first else [worked, failed]
    for some in [batch] if together else [[one] for one in batch]:
        await bench.apply(*some)
    point = await bench.point("a")
    assert same_rows(point.raw, event.embedding)
    assert point.payload[state.SEALS] == event.seals
    assert point.payload[state.FAILURES] == {}
    assert point.payload[state.MODALITIES[View.RAW]] == ["image", "lexical", "text"]


async def test_a_repeat_that_adds_rows_marks_like_an_update():
    bench = Bench()
    message = bench.message("a", {**SHOE, "image": "missing"})
    await bench.put(message)
    assert (await bench.point("a")).payload[state.FAILURES].keys() == {"image"}
    bench.images.missing = "nothing"
    assert marked(await bench.put(message), Channel.REBLEND) == ["a"]
    assert Modality.IMAGE in (await bench.point("a")).raw


async def test_a_withdrawal_leaves_a_marker_and_marks_those_around():
    bench = Bench()
    await bench.publish(bench.message("a", SHOE), bench.message("b", {**SHOE, "image": "shoe 2"}))
    letters = await bench.put(bench.message("a", headers={"version": b"2"}))
    point = await bench.point("a")
    assert point.raw == {}
    assert point.payload.keys() & {state.LISTING, state.SEALS, state.FAILURES} == set()
    assert state.standing_of(point.payload).version.withdrawn
    assert marked(letters, Channel.REBLEND) == ["a", "b"]
    assert Mark.from_bytes(letters[0].key, letters[0].value).cause == "listing a withdrawn"


@pytest.mark.parametrize("headers", [{}, {"version": b"2"}], ids=["no version", "version"])
async def test_a_stale_replay_after_a_withdrawal_does_not_bring_the_listing_back(headers):
    bench = Bench()
    old = await bench.embed(bench.message("a", SHOE))
    await bench.apply(*old)
    await bench.put(bench.message("a", headers=headers))
    assert marked(await bench.apply(*old), Channel.REBLEND) == []
    assert (await bench.point("a")).raw == {}


async def test_a_withdrawal_that_comes_before_the_listing_it_withdraws_wins():
    bench = Bench()
    listing = await bench.embed(bench.message("a", SHOE))
    withdrawal = await bench.embed(bench.message("a"))
    assert await bench.apply(*withdrawal) == []
    assert marked(await bench.apply(*listing), Channel.REBLEND) == []
    assert (await bench.point("a")).raw == {}


async def test_a_listing_published_after_its_withdrawal_is_back():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    await bench.put(bench.message("a"))
    await bench.put(bench.message("a", {**SHOE, "version": 2}))
    point = await bench.point("a")
    assert same_rows(point.raw, rows_of("red shoe", b"shoe 1"))
    assert point.payload[state.LISTING]["version"] == 2


async def test_rows_of_an_attempt_that_was_cut_off_are_known_for_what_they_are_even_to_an_older_event():
    bench = Bench(POLICY)
    old = await bench.embed(bench.message("a", {"title": "red shoe", "image": "shoe 1", "version": 1}))
    await bench.put(bench.message("a", {"title": "red shoe", "image": "shoe 1", "version": 2}))
    new = await bench.embed(bench.message("a", {"image": "shoe 1", "version": 3}))
    bench.crash_before("payload")
    with pytest.raises(CrashError):
        await bench.apply(*old, *new)
    await bench.apply(*old)
    point = await bench.point("a")
    assert point.payload[state.MODALITIES[View.RAW]] == sorted(point.raw) == ["image"]


async def test_every_event_marks_the_listings_product():
    bench = Bench()
    await bench.put(bench.message("a", {"title": "red mug", "price": "1.00", "currency": "EUR", "version": 1}))
    await bench.put(bench.message("a", {"title": "red mug", "price": "2.00", "currency": "EUR", "version": 2}))
    await bench.put(bench.message("a", headers={"version": b"3"}))
    await bench.put(bench.message("a", {"title": "red mug", "version": 4}))
    assert [letter.key for letter in bench.for_products] == [b"a"] * 4
