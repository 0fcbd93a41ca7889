"""Exchanging the live generation on a real broker: under traffic, killed at every step, there and back."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from fakes.generations import assert_known, begun, subscribed, until_filled, worker_of
from fakes.mixed_log import catalogue_records, mixed_log
from fakes.on_kafka import ids, publish, ready, until_drained
from fakes.other_bundle import with_matching

from streams.brokers.roster import read_roster
from streams.cli.batch import match_in_batch
from streams.errors import (
    ChangeTooLargeError,
    GenerationInUseError,
    IndexMissingError,
    StageBehindError,
    UnknownGenerationError,
)
from streams.events import read_listing_event
from streams.events.generations import Step
from streams.reindex.promotion import Conditions, promote, rollback
from streams.settings import environment_of

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

PRODUCTS = 60
ANY = Conditions(most_change=None, lag=1_000_000)
"""Whatever changes, and with traffic."""


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    return folder, catalogue_records(PRODUCTS, folder)


@pytest.fixture(scope="module")
def stricter(tmp_path_factory):
    """The demo bundle with a higher threshold: the same encoders, other matches."""
    return str(with_matching("demo", tmp_path_factory.mktemp("bundle") / "stricter", match_threshold=0.97).path)


async def wanted(log, settings):
    """The matches of the reference."""
    events = [read_listing_event(message) for message in log]
    return await asyncio.to_thread(match_in_batch, events, settings)


def ids_of(lists):
    return {one: ids(matches) for one, matches in lists.items()}


async def publish_slowly(log, settings):
    for message in log:
        await publish([message], settings)


async def test_another_bundle_goes_live_under_traffic_and_back_again(kafka_settings, records, stricter, tmp_path):
    folder, some = records
    g1 = await ready(kafka_settings, folder, tmp_path)
    log = mixed_log(some, 6)
    half, third = len(log) // 2, len(log) * 3 // 4
    await publish(log[:half], g1)
    async with subscribed(g1) as subscriber, worker_of(g1, tmp_path / "g1"):
        await until_drained(g1)
        g2 = await begun(g1, "stricter", bundle=stricter)
        async with worker_of(g2, tmp_path / "g2"):
            await until_filled(g2)
            traffic = asyncio.create_task(publish_slowly(log[half:third], g1))
            await promote(g1, "stricter", ANY, lambda _words: None)
            await traffic
            await until_drained(g2)
            await until_drained(g1)
            later = await wanted(log[:third], g2)
            assert ids_of(later) != ids_of(await wanted(log[:third], g1))
            await assert_known(g2, subscriber, later)
            assert "generation stricter" in subscriber.causes

            traffic = asyncio.create_task(publish_slowly(log[third:], g1))
            await rollback(g1, lambda _words: None)
            await traffic
            await until_drained(g1)
            await until_drained(g2)
            await assert_known(g1, subscriber, await wanted(log, g1))
            assert f"generation {g1.generation}" in subscriber.causes


async def test_a_promotion_that_is_killed_at_every_step_ends_the_same(kafka_settings, records, stricter, tmp_path):
    folder, some = records
    g1 = await ready(kafka_settings, folder, tmp_path)
    log = mixed_log(some, 7)[:100]
    await publish(log[:60], g1)
    async with subscribed(g1) as subscriber, worker_of(g1, tmp_path / "g1"):
        await until_drained(g1)
        g2 = await begun(g1, "stricter", bundle=stricter)
        async with worker_of(g2, tmp_path / "g2"):
            await until_filled(g2)
            traffic = asyncio.create_task(publish_slowly(log[60:], g1))
            steps = await killed_at_every_word(g1, "stricter", tmp_path / "notes", promoting="stricter")
            await traffic
            await until_drained(g2)
            assert steps == list(Step), f"it was killed at {(tmp_path / 'notes').read_text()}"
            await assert_known(g2, subscriber, await wanted(log, g2))
            await until_filled(g1)

            steps = await killed_at_every_word(g1, g1.generation, tmp_path / "notes of the way back")
            assert steps == list(Step), "it went on, and did not turn round"
            await assert_known(g1, subscriber, await wanted(log, g1))


async def killed_at_every_word(settings, name, notes, promoting=""):
    """Exchange the live generation for that one by a promotion, or a rollback.

    It is killed at its first word, then at its second, until one comes to its end; the steps it was at.
    """
    notes.touch()
    steps = []
    for _ in range(30):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fakes.dying_promotion", promoting, str(notes),
            env={**os.environ, **environment_of(settings), "PYTHONPATH": str(Path(__file__).parents[1])},
        )  # fmt: skip
        code = await child.wait()
        live = (await read_roster(settings)).live
        if live.target == name and live.step not in steps:
            steps.append(live.step)
        if code != -signal.SIGKILL:
            assert code == 0
            return steps
    raise AssertionError("it never came to its end")


async def test_what_is_refused(kafka_settings, records, stricter, tmp_path):
    folder, some = records
    g1 = await ready(kafka_settings, folder, tmp_path)
    await publish(mixed_log(some, 8)[:60], g1)
    async with worker_of(g1, tmp_path / "g1"):
        await until_drained(g1)
        with pytest.raises(UnknownGenerationError, match="'stricter'"):
            await promote(g1, "stricter", ANY, print)
        with pytest.raises(GenerationInUseError, match="the live one"):
            await promote(g1, g1.generation, ANY, print)
        with pytest.raises(UnknownGenerationError, match="none that was live before it"):
            await rollback(g1, print)
        g2 = await begun(g1, "stricter", bundle=stricter)
        with pytest.raises(IndexMissingError, match="stricter"):
            await promote(g1, "stricter", ANY, print)
        async with worker_of(g2, tmp_path / "g2"):
            await until_filled(g2)
            with pytest.raises(ChangeTooLargeError, match="of the pairs would change"):
                await promote(g1, "stricter", Conditions(most_change=0.0), print)
        with pytest.raises(StageBehindError, match="nobody who runs"):
            await promote(g1, "stricter", ANY, print)
    assert (await read_roster(g1)).live.generation == g1.generation
