"""Exchanging the live generation on a real broker: under traffic, killed at every step, there and back."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes.mixed_log import catalogue_records, mixed_log
from fakes.on_kafka import ids, publish, ready, told, until_drained
from fakes.other_bundle import with_matching
from fakes.subscriber import Subscriber

from streams.brokers.groups import lag_of
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.roster import read_roster
from streams.brokers.topics import Topics, group_of
from streams.cli.batch import match_in_batch
from streams.cli.local_worker import LocalWorker
from streams.errors import (
    ChangeTooLargeError,
    GenerationInUseError,
    IndexMissingError,
    StageBehindError,
    UnknownGenerationError,
)
from streams.events import read_listing_event
from streams.events.generations import Step
from streams.events.products import ProductEvent
from streams.matching.grouping import products
from streams.reindex.beginning import begin
from streams.reindex.planning import Plan
from streams.reindex.promotion import Conditions, promote, rollback
from streams.reindex.shaping import settings_of
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
    return await asyncio.to_thread(_wanted, log, settings)


def _wanted(log, settings):
    lists = match_in_batch([read_listing_event(message) for message in log], settings)
    return {one: ids(matches) for one, matches in lists.items()}, lists


@asynccontextmanager
async def worker_of(settings, folder):
    """One worker of that generation; a broker has to know of it when this begins."""
    here = settings.model_copy(update={"attempts_path": folder / "attempts", "heartbeat_file": folder / "heartbeat"})
    async with LocalWorker(here, folder / "worker.log") as worker:
        yield worker


@asynccontextmanager
async def subscribed(settings):
    """One who reads every event."""
    subscriber = Subscriber(settings)
    reading = asyncio.create_task(subscriber.follow())
    try:
        yield subscriber
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def begun(settings, name, **plan):
    """A second generation, and its settings."""
    generation = (await begin(settings, Plan(name=name, **plan))).generation
    return settings_of(settings, generation)


async def until_filled(settings):
    """All that there is has gone through the stages of a generation that is not live."""
    topics = Topics(settings)
    await until_drained(settings)
    for aside, topic in topics.followed().items():
        while await lag_of(settings, topic.name, group_of(settings, aside)):  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.2)
    await until_drained(settings)


async def publish_slowly(log, settings):
    for message in log:
        await publish([message], settings)


async def told_products(settings):
    state = {}
    async for record in read_records(settings, Topics(settings).products.name, until_end=True):
        event = ProductEvent.from_bytes(record.key, record.value)
        state[event.product_id] = event.members
    return {one: members for one, members in state.items() if members is not None}


async def assert_heard(settings, subscriber, lists):
    """What subscribers know is what the reference of the live generation says, however they read."""
    wanted_, matches = lists
    compacted = {one: set(some) for one, some in (await told(settings)).items()}
    assert compacted == {one: set(some) for one, some in wanted_.items()}
    await subscriber.up_to(await end_offsets(settings, Topics(settings).matches.name))
    assert subscriber.faults == []
    assert subscriber.lists == compacted
    groups = products(matches, settings.product_limit)
    assert await told_products(settings) == {one: group.members for one, group in groups.items()}


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
            assert later[0] != (await wanted(log[:third], g1))[0]
            await assert_heard(g2, subscriber, later)
            assert "generation stricter" in subscriber.causes

            traffic = asyncio.create_task(publish_slowly(log[third:], g1))
            await rollback(g1, lambda _words: None)
            await traffic
            await until_drained(g1)
            await until_drained(g2)
            await assert_heard(g1, subscriber, await wanted(log, g1))
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
            steps = await killed_at_every_word(g1, "stricter", tmp_path / "notes")
            await traffic
            await until_drained(g2)
            assert steps == list(Step), f"it was killed at {(tmp_path / 'notes').read_text()}"
            await assert_heard(g2, subscriber, await wanted(log, g2))


async def killed_at_every_word(settings, name, notes):
    """Run it, killed at its first word, then at its second, until one comes to its end; the steps it was at."""
    notes.touch()
    steps = []
    for _ in range(30):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fakes.dying_promotion", name, str(notes),
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
