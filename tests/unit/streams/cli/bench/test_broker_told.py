"""What the loop costs: differences within a round, and their share of a listing."""

import asyncio
import time
from dataclasses import replace

import orjson
import pytest
from typer.testing import CliRunner

from streams.cli.bench import app
from streams.cli.bench.broker_told import (
    FORWARDS,
    PLAIN,
    PLAIN_FORWARDS,
    STAGE,
    Listing,
    Measured,
    listing_ms_of,
    report_of,
)
from streams.cli.bench.loops import Watched, nothing
from streams.errors import SettingsError

MEASURED = Measured(
    64,
    {PLAIN: [1e5, 5e4], STAGE: [2e4, 1e4], PLAIN_FORWARDS: [1e4, 1e4], FORWARDS: [5e3, 5e3]},
    {PLAIN: [10.0, 30.0], STAGE: [110.0, 150.0], PLAIN_FORWARDS: [50.0, 60.0], FORWARDS: [70.0, 70.0]},
    Listing(messages=10, milliseconds=12),
)


def report(measured):
    return report_of(measured, {"embedded": False})


def test_overhead_is_what_one_loop_takes_beyond_the_other_in_the_same_round():
    over = MEASURED.overhead_us()
    assert (over.least, over.median, over.most) == (100, 110, 120)
    assert MEASURED.share == pytest.approx(110 * 10 / 12_000)


def test_the_goal_is_a_tenth_of_what_a_listing_costs():
    [goal] = report(MEASURED).goals
    assert goal.reached
    assert goal.got == "110 (100 to 120) us a message, 9.2% with 10 messages a listing"
    [missed] = report(replace(MEASURED, listing=Listing(messages=11, milliseconds=12))).goals
    assert not missed.reached


def test_without_a_listing_to_compare_with_the_goal_is_not_measured():
    [goal] = report(replace(MEASURED, listing=Listing(messages=10))).goals
    assert goal.reached is None
    assert goal.got.startswith("110 (100 to 120) us a message, but not known what a listing takes: ")


def test_what_a_listing_takes_is_what_the_pipeline_measured(tmp_path):
    file = tmp_path / "pipeline.json"
    assert listing_ms_of(file) is None
    file.write_bytes(orjson.dumps({"measured": {"processor_ms": {"worker": [31, 35, 30]}}}))
    assert listing_ms_of(file) == 31
    file.write_bytes(orjson.dumps({"measured": {"processor_ms": {}}}))
    assert listing_ms_of(file) is None


def test_so_few_messages_that_one_batch_may_hold_them_are_refused(monkeypatch):
    monkeypatch.setenv("MATCHSTREAM_BATCH_SIZE", "200")
    outcome = CliRunner().invoke(app, ["broker", "--messages", "1999"])
    assert isinstance(outcome.exception, SettingsError)
    assert "--messages 1999: fewer than 10 batches of 200, at least 2000 wanted" in str(outcome.exception)


def test_the_table_has_both_clocks_and_the_overheads():
    [table] = report(MEASURED).tables
    rows = {name: rest for name, *rest in table.rows}
    assert rows[STAGE] == ["130 (110 to 150)", "75 (50 to 100)"]
    assert rows["overhead, sent on"] == ["15 (10 to 20)", ""]


def test_the_broker_in_memory_is_not_given_more_than_it_keeps():
    outcome = CliRunner().invoke(app, ["broker", "--embedded", "--messages", "100000"])
    assert outcome.exit_code == 2
    assert "17142 messages of 600 bytes" in outcome.output


async def test_the_first_tenth_does_not_count():
    ended = []

    async def slow(messages):
        time.sleep(0.02 if len(messages) == 10 else 0)  # noqa: ASYNC251 - the clock of the processor is not asked
        ended.append(time.perf_counter())

    watched = Watched(100, slow)
    await watched([None] * 10)
    assert not watched.done.is_set()
    await watched([None] * 90)
    assert watched.done.is_set()
    assert watched.counted == 90
    assert watched.wall_s <= time.perf_counter() - ended[0]


async def test_what_comes_again_after_the_end_changes_nothing():
    watched = Watched(20, nothing)
    for _ in range(2):
        await watched([None] * 10)
    wall_s = watched.wall_s
    await asyncio.sleep(0)
    await watched([None] * 10)
    assert watched.wall_s == wall_s
