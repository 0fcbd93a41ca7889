"""The blend stage: radius and blended rows, who may match, and the second look."""

import math

import numpy as np
import pytest
from fakes.bench import Bench, key_of, marked
from fakes.chaos import CrashError
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder

from encoders.types import Modality
from streams.events import Mark
from streams.events.rows import same_rows
from streams.index import Change, View
from streams.stages import Channel, state


async def on_a_circle(**angles: float) -> Bench:
    """Listings at these angles, not blended yet."""
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    await bench.put(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    bench.steps.clear()
    return bench


def angle_of(embedding) -> float:
    x, y = embedding[Modality.TEXT]
    return math.atan2(float(y), float(x))


async def test_a_listing_is_drawn_towards_its_neighbors():
    bench = await on_a_circle(a=0.0, b=0.1, c=0.2, far=2.0)
    await bench.blend("a")
    point = await bench.point("a")
    near, nearer = math.cos(0.2), math.cos(0.1)
    x = 1 + nearer * math.cos(0.1) + near * math.cos(0.2)
    y = nearer * math.sin(0.1) + near * math.sin(0.2)
    assert angle_of(point.blended) == pytest.approx(math.atan2(y, x), abs=1e-6)
    assert point.payload[state.RADIUS] == pytest.approx(near, abs=1e-6)
    assert same_rows(point.raw, (await bench.point("a")).raw)


async def test_with_room_in_the_neighborhood_the_radius_is_the_threshold():
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a")
    assert (await bench.point("a")).payload[state.RADIUS] == CIRCLE_POLICY.blend.threshold


async def test_the_radius_is_there_before_the_rows():
    bench = await on_a_circle(a=0.0, b=0.01, c=0.02)
    seen = []

    async def look():
        point = await bench.point("a")
        recorded = state.PENDING[View.BLENDED] in point.payload
        seen.append((point.payload[state.RADIUS] > 0.99, bool(point.blended), recorded))

    bench.before("rows", look, "a")
    await bench.blend("a")
    assert seen == [(True, False, True)]


async def test_who_can_be_matched_is_marked_with_the_cause():
    bench = await on_a_circle(a=0.0, b=0.1, far=2.0)
    await bench.blend("b", "far")
    letters = await bench.blend("a", cause="listing b published")
    assert marked(letters, Channel.REMATCH) == ["a", "b"]
    assert {Mark.from_bytes(one.key, one.value).cause for one in letters} == {"listing b published"}


async def test_whom_the_old_rows_matched_is_marked_too():
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a", "b")
    await bench.put(bench.message("a", {"title": "2.0", "version": 2}))
    assert marked(await bench.blend("a"), Channel.REMATCH) == ["a", "b"]


async def test_an_unchanged_listing_marks_nobody_and_writes_nothing():
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a", "b")
    bench.steps.clear()
    assert await bench.blend("a", "b") == []
    assert {step for step, _ in bench.steps} == {"read", "search"}


async def test_a_radius_that_changes_alone_is_written_and_marks_nobody():
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a", "b")
    await bench.index.write([Change("a", payload={state.RADIUS: 0.5})])
    bench.steps.clear()
    assert await bench.blend("a") == []
    assert (await bench.point("a")).payload[state.RADIUS] == CIRCLE_POLICY.blend.threshold


async def test_marks_of_one_listing_are_one_computation():
    bench = await on_a_circle(a=0.0, b=0.1)
    letters = await bench.blend("a", "a", "a")
    assert marked(letters, Channel.REMATCH) == ["a"]


async def test_a_mark_of_a_listing_that_was_never_indexed_is_nothing():
    bench = await on_a_circle(a=0.0)
    assert await bench.blend("nobody") == []
    assert await bench.index.count() == 1


async def marks_when_another_comes(moment: str) -> tuple[list, list]:
    """What index and blend send when a third listing comes in between, before that step of blend."""
    bench = await on_a_circle(a=0.0, b=0.01, far=2.0)
    marks_of_index = []

    async def another_comes():
        marks_of_index.extend(await bench.put(bench.message("c", {"title": "0.05", "version": 1})))

    bench.before(moment, another_comes)
    return marks_of_index, await bench.blend("a")


@pytest.mark.parametrize("moment", ["write", "record", "rows", "payload"])
async def test_a_neighborhood_that_changes_before_the_value_is_written_is_looked_at_again(moment):
    marks_of_index, letters = await marks_when_another_comes(moment)
    assert marked(marks_of_index, Channel.REBLEND)[-1] == "c"
    assert key_of(letters[-1]) == "a"
    assert letters[-1].channel is Channel.REBLEND


@pytest.mark.parametrize("moment", ["deliver", "forget"])
async def test_whoever_comes_once_the_value_is_looked_at_again_finds_the_radius(moment):
    marks_of_index, letters = await marks_when_another_comes(moment)
    assert "a" in marked(marks_of_index, Channel.REBLEND)
    assert marked(letters, Channel.REBLEND) == []


async def test_a_radius_that_shrinks_while_another_comes_is_looked_at_again():
    bench = await on_a_circle(a=0.0, b=0.01, c=0.02)
    await bench.blend("a")
    await bench.index.write([Change("a", payload={state.RADIUS: 1.0})])
    marks_of_index = []

    async def another_comes():
        marks_of_index.extend(await bench.put(bench.message("d", {"title": "0.005", "version": 1})))

    bench.before("write", another_comes)
    letters = await bench.blend("a")
    assert "a" not in marked(marks_of_index, Channel.REBLEND), "it saw a radius that nobody could reach"
    assert marked(letters, Channel.REBLEND) == ["a"]


async def test_a_neighbor_that_changes_between_read_and_write_leaves_a_mark_that_mends_it():
    bench = await on_a_circle(a=0.0, b=0.1)

    async def neighbor_moves():
        marks = await bench.put(bench.message("b", {"title": "0.3", "version": 2}))
        assert marked(marks, Channel.REBLEND) == ["a", "b"]

    bench.before("record", neighbor_moves, "a")
    await bench.blend("a")
    stale = (await bench.point("a")).blended
    await bench.blend("a")
    fresh = (await bench.point("a")).blended
    assert not same_rows(stale, fresh)
    assert await bench.blend("a") == []


async def test_a_lexical_row_is_copied_as_it_is():
    bench = Bench()
    titles = {"a": "red shoe pro", "b": "red shoe large", "c": "red shoe runner"}
    await bench.put(*[bench.message(i, {"title": title, "version": 1}) for i, title in titles.items()])
    await bench.blend("a")
    point = await bench.point("a")
    assert same_rows(
        {Modality.LEXICAL: point.raw[Modality.LEXICAL]}, {Modality.LEXICAL: point.blended[Modality.LEXICAL]}
    )
    assert not np.array_equal(point.raw[Modality.TEXT], point.blended[Modality.TEXT])
    assert point.payload[state.MODALITIES[View.BLENDED]] == ["lexical", "text"]


async def test_a_withdrawn_listing_loses_its_blended_rows_and_marks_whom_it_matched():
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a", "b")
    await bench.put(bench.message("a", headers={"version": b"2"}))
    assert marked(await bench.blend("a"), Channel.REMATCH) == ["a", "b"]
    point = await bench.point("a")
    assert point.blended == {}
    assert point.payload[state.MODALITIES[View.BLENDED]] == []


@pytest.mark.parametrize("step", ["rows", "deliver", "forget"])
async def test_an_unfinished_record_marks_again_whom_the_replaced_rows_matched(step):
    bench = await on_a_circle(a=0.0, b=0.1)
    await bench.blend("a", "b")
    await bench.put(bench.message("a", {"title": "2.0", "version": 2}))
    bench.crash_before(step)
    with pytest.raises(CrashError):
        await bench.blend("a")
    assert marked(await bench.blend("a"), Channel.REMATCH) == ["a", "b"]
    assert state.PENDING[View.BLENDED] not in (await bench.point("a")).payload
    assert await bench.blend("a") == []
