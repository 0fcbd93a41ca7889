"""The index stage: which event counts, what it writes and whom it marks."""

from dataclasses import replace

import pytest
from fakes.bench import POLICY, Bench, embedded, key_of, marked
from fakes.chaos import CrashError
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder
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


async def on_a_circle(**angles: float) -> Bench:
    """Listings at these angles, blended."""
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    await bench.publish(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    bench.steps.clear()
    return bench


async def moved(bench: Bench, listing_id: str, angle: float, version: int = 2) -> list[str]:
    """Whom index marks when a listing moves there."""
    letters = await bench.put(bench.message(listing_id, {"title": str(angle), "version": version}))
    return marked(letters, Channel.REBLEND)


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


async def test_a_stale_event_changes_nothing():
    bench = Bench()
    old = await bench.embed(bench.message("a", SHOE))
    await bench.put(bench.message("a", {"title": "blue lamp", "version": 2}))
    before = await bench.point("a")
    bench.steps.clear()
    assert await bench.apply(*old) == []
    after = await bench.point("a")
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
    assert await bench.apply(*old) == []
    assert (await bench.point("a")).raw == {}


async def test_a_withdrawal_that_comes_before_the_listing_it_withdraws_wins():
    bench = Bench()
    listing = await bench.embed(bench.message("a", SHOE))
    withdrawal = await bench.embed(bench.message("a"))
    assert await bench.apply(*withdrawal) == []
    assert await bench.apply(*listing) == []
    assert (await bench.point("a")).raw == {}


async def test_a_listing_published_after_its_withdrawal_is_back():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    await bench.put(bench.message("a"))
    await bench.put(bench.message("a", {**SHOE, "version": 2}))
    point = await bench.point("a")
    assert same_rows(point.raw, rows_of("red shoe", b"shoe 1"))
    assert point.payload[state.LISTING]["version"] == 2


async def test_who_is_near_enough_to_count_is_marked():
    bench = await on_a_circle(a=0.0, b=0.1, far=2.0)
    assert await moved(bench, "c", 0.2, version=1) == ["a", "b", "c"]


async def test_whose_radius_excludes_the_change_is_not_marked():
    bench = await on_a_circle(a=0.0, near1=0.01, near2=-0.01)
    assert (await bench.point("a")).payload[state.RADIUS] > 0.99
    assert await moved(bench, "c", 0.3, version=1) == ["c"]


async def test_whom_a_listing_leaves_is_marked_and_whom_it_joins():
    bench = await on_a_circle(a=0.0, b=0.1, c=1.0, d=1.1)
    assert await moved(bench, "b", 1.05) == ["a", "b", "c", "d"]


async def test_a_tie_at_the_radius_is_marked():
    bench = await on_a_circle(a=0.0, b=0.1, c=0.1)
    assert "a" in await moved(bench, "A", 0.1, version=1)


async def test_who_was_never_blended_counts_as_if_nothing_were_near():
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    angles = {"a": 0.0, "near1": 0.01, "near2": -0.01}
    await bench.put(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    assert await moved(bench, "c", 0.3, version=1) == ["a", "c", "near1", "near2"]


@pytest.mark.parametrize("step", ["rows", "payload", "search", "deliver", "forget"])
async def test_an_unfinished_record_marks_again_whom_the_replaced_rows_touched(step):
    bench = await on_a_circle(a=0.0, b=0.1)
    letters = await bench.embed(bench.message("b", {"title": "2.0", "version": 2}))
    bench.crash_before(step)
    with pytest.raises(CrashError):
        await bench.apply(*letters)
    assert marked(await bench.apply(*letters), Channel.REBLEND) == ["a", "b"]
    assert state.PENDING[View.RAW] not in (await bench.point("b")).payload
    assert await bench.apply(*letters) == [], "what is finished is finished"


async def test_a_first_write_that_was_cut_off_marks_again():
    bench = await on_a_circle(a=0.0)
    letters = await bench.embed(bench.message("b", {"title": "0.1", "version": 1}))
    bench.crash_before("deliver")
    with pytest.raises(CrashError):
        await bench.apply(*letters)
    assert [key_of(one) for one in await bench.apply(*letters)] == ["b", "a"]


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
