"""The four steps: what a change writes, and the order of everything it does, in each stage."""

import pytest
from fakes.bench import Bench
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder

from encoders.types import Content, Modality
from streams.events.rows import same_rows
from streams.index import Point, View
from streams.matching.details import Described
from streams.stages import Channel, state
from streams.stages.change import Replacement, carry_out

PENDING = state.PENDING[View.RAW]
OLD, NEW = (one.embedding for one in CircleEncoder().encode([Content("0.0"), Content("1.0")]))


def replacement(new, raw=None, **payload) -> Replacement:
    return Replacement(Point("a", payload, raw=raw or {}), View.RAW, Described(new), "because")


def record_of(*embeddings):
    return state.pending_record([Described(one) for one in embeddings], View.RAW)


def test_the_record_exists_even_when_nothing_is_replaced():
    change = replacement(NEW).writing()
    assert change.record == record_of({})
    assert change.rows == {View.RAW: NEW}


def test_the_record_holds_what_is_replaced():
    assert replacement(NEW, raw=OLD).writing().record == record_of(OLD)


def test_a_second_attempt_keeps_what_the_first_one_recorded():
    again = replacement(NEW, raw=OLD, **record_of({}))
    assert again.writing().record == record_of({}, OLD)
    assert again.unfinished


def test_a_finished_value_with_a_record_is_not_written_again_but_still_looked_around_for():
    again = replacement(NEW, raw=NEW, **record_of(OLD))
    assert (again.writing().record, again.writing().rows) == ({}, {})
    assert again.unfinished
    assert [same_rows(one.embedding, OLD) for one in again.replaced()] == [True]


def test_modalities_follow_the_rows():
    name = state.MODALITIES[View.RAW]
    assert replacement(NEW).writing().payload == {name: ["text"]}
    assert replacement({}, raw=OLD, **{name: ["text"]}).writing().payload == {name: []}
    assert replacement(NEW, raw=OLD, **{name: ["text"]}).writing().payload == {}


async def test_a_batch_without_a_change_is_not_looked_around_for():
    bench = Bench(CIRCLE_POLICY, CircleEncoder())

    async def look(_embeddings):
        raise AssertionError

    payload = {state.MODALITIES[View.RAW]: ["text"]}
    await carry_out([replacement(NEW, raw=NEW, **payload)], look, Channel.REBLEND, bench.dependencies)
    assert bench.steps == []


async def test_everyone_touched_is_marked_once_with_the_first_cause():
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    asked = []

    async def look(values):
        asked.extend(value.embedding for _, value in values)
        return [["b", "a"], ["c", "b"]]

    await carry_out([replacement(NEW, raw=OLD)], look, Channel.REBLEND, bench.dependencies)
    assert [same_rows(*pair) for pair in zip(asked, [OLD, NEW], strict=True)] == [True, True]
    assert sorted(one.key for one in bench.sent) == [b"a", b"b", b"c"]


async def settled() -> Bench:
    """Four listings close together, blended and matched."""
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    angles = {"a": 0.0, "b": 0.1, "c": 0.2, "d": 0.3}
    await bench.publish(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    return bench


async def steps_of_index(bench: Bench) -> list[str]:
    letters = await bench.embed(*[bench.message(i, {"title": "0.15", "version": 2}) for i in "abc"])
    bench.steps.clear()
    await bench.apply(*letters)
    return [step for step, _ in bench.steps]


async def steps_of_blend(bench: Bench) -> list[str]:
    await bench.put(*[bench.message(i, {"title": "0.15", "version": 2}) for i in "abc"])
    bench.steps.clear()
    await bench.blend("a", "b", "c")
    return [step for step, _ in bench.steps]


async def steps_of_match(bench: Bench) -> list[str]:
    await bench.put(*[bench.message(i, {"title": "0.15", "version": 2}) for i in "abc"])
    await bench.blend("a", "b", "c")
    bench.steps.clear()
    await bench.match("a", "b", "c")
    return [step for step, _ in bench.steps]


def distinct(steps: list[str]) -> list[str]:
    """Runs of one step as one, phases of the listings of a batch merged."""
    merged = " ".join(one for i, one in enumerate(steps) if i == 0 or steps[i - 1] != one)
    for phases in ("record rows payload", "record rows", "payload forget"):
        merged = merged.replace(" ".join([phases] * 3), phases)
    return merged.split()


async def test_index_writes_then_looks_around_then_marks_then_clears():
    steps = distinct(await steps_of_index(await settled()))
    assert [step for step in steps if step not in ("record", "rows", "payload")] == [
        "read", "write", "search", "read", "deliver", "write", "forget"
    ]  # fmt: skip
    assert steps[2:4] == ["record", "rows"]
    assert steps[steps.index("search") - 1] == "payload"


async def test_blend_writes_then_looks_around_and_again_at_its_own_then_marks_then_clears():
    steps = distinct(await steps_of_blend(await settled()))
    assert steps == [
        "read", "search", "read",
        "write", "record", "rows", "payload",
        "search", "read", "deliver",
        "write", "forget",
    ]  # fmt: skip


async def test_match_writes_then_tells_then_clears():
    steps = await steps_of_match(await settled())
    assert [step for step in distinct(steps) if step not in ("record", "payload")] == [
        "read", "search", "read", "write", "deliver", "write", "forget"
    ]  # fmt: skip
    assert steps[4:6] == ["record", "payload"]


@pytest.mark.parametrize("steps_of", [steps_of_index, steps_of_blend, steps_of_match])
async def test_in_a_batch_nothing_is_sent_before_all_is_written_nor_cleared_before_all_is_sent(steps_of):
    steps = await steps_of(await settled())
    sent = [i for i, step in enumerate(steps) if step == "deliver"]
    told = max(sent)  # what match writes afterwards is what it told
    written = [i for i, step in enumerate(steps) if step in ("record", "rows") or (step == "payload" and i < told)]
    cleared = [i for i, step in enumerate(steps) if step == "forget"]
    assert max(written) < min(sent)
    assert max(sent) < min(cleared)
    assert len(cleared) == 3


async def test_the_record_is_readable_before_the_rows_change():
    bench = await settled()
    seen = []

    async def look():
        point = await bench.point("a")
        seen.append((len(point.payload[PENDING]), float(point.raw[Modality.TEXT][0])))

    letters = await bench.embed(bench.message("a", {"title": "1.0", "version": 2}))
    bench.before("rows", look, "a")
    await bench.apply(*letters)
    assert seen == [(1, 1.0)]
    assert PENDING not in (await bench.point("a")).payload


async def test_a_write_without_anything_to_say_is_left_out():
    bench = await settled()
    bench.steps.clear()
    await bench.blend("a", "b")
    assert [step for step, _ in bench.steps if step == "write"] == []
