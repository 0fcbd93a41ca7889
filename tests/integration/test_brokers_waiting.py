"""Records that are worked off some time after they were sent, on a real broker."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from typer.testing import CliRunner

from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader, refetch_lag
from streams.brokers.producer import Publisher
from streams.brokers.topics import REFETCH, Topics, group_of
from streams.brokers.waiting import WaitingTopic
from streams.cli.main import app
from streams.settings import environment_of

pytestmark = pytest.mark.kafka

SOON_S, LATE_S = 0.4, 600.0


@pytest.fixture
async def settings(kafka_settings):
    await create_topics(kafka_settings)
    return kafka_settings.model_copy(update={"session_timeout_s": 15.0})  # a sixth of it until a rebalance is noticed


async def send(settings, partition, *keys):
    async with Publisher(settings) as publisher:
        for key in keys:
            await publisher.send(Topics(settings).refetch.name, key.encode(), b"x", partition=partition)


class Handed:
    """What was handed over: when, and how long after it was sent."""

    def __init__(self):
        self.keys, self.after_s = [], []
        self.changed = asyncio.Condition()

    async def __call__(self, messages):
        async with self.changed:
            self.keys += [one.key.decode() for one in messages]
            self.after_s += [time.time() - one.timestamp_ms / 1000 for one in messages]
            self.changed.notify_all()

    async def until(self, count):
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(lambda: len(self.keys) >= count)


@asynccontextmanager
async def reading(settings, process, delays_s=(SOON_S, LATE_S)):
    name, group = Topics(settings).refetch.name, group_of(settings, REFETCH)
    async with WaitingTopic(settings, name, group, delays_s) as topic:
        running = asyncio.ensure_future(topic.run(process))
        try:
            yield running
        finally:
            running.cancel()


async def until_nothing_waits(settings):
    async with asyncio.timeout(60):
        while await refetch_lag(settings):  # noqa: ASYNC110 - Kafka has no event for us
            await asyncio.sleep(0.05)


async def test_nothing_is_handed_over_before_it_is_due_and_all_in_order(settings):
    handed = Handed()
    keys = [f"k{n}" for n in range(100)]
    async with reading(settings, handed):
        await send(settings, 0, *keys[:50])
        await asyncio.sleep(SOON_S / 2)
        await send(settings, 0, *keys[50:])
        await handed.until(len(keys))
    assert handed.keys == keys
    assert min(handed.after_s) >= SOON_S


async def test_what_waits_longer_holds_up_nobody_and_counts_as_waited_for(settings):
    handed = Handed()
    await send(settings, 1, "late")
    await send(settings, 0, "soon", "too")
    assert await refetch_lag(settings) == 3
    async with reading(settings, handed):
        await handed.until(2)
        async with asyncio.timeout(60):
            while await refetch_lag(settings) != 1:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.05)
        await asyncio.sleep(SOON_S)
    assert handed.keys == ["soon", "too"]


async def test_what_waits_is_no_lag_of_a_stage(settings):
    await send(settings, 0, "a")
    async with LagReader(settings) as stages, LagReader(settings, photos=True) as all_of_it:
        assert await stages.drained()
        assert not await all_of_it.drained()
        assert REFETCH not in [one.stage for one in await stages.lags()]
        async with reading(settings, Handed()):
            await until_nothing_waits(settings)
        assert await all_of_it.drained()


async def test_photos_that_wait_are_shown_and_nobody_is_behind(settings):
    def show():
        return CliRunner().invoke(app, ["topics", "show"], env=environment_of(settings))

    await send(settings, 1, "a", "b")
    result = await asyncio.to_thread(show)
    assert result.exit_code == 0
    assert "Photos that could not be had and are fetched again later: 2." in result.output
    assert "What is behind" not in result.output


async def test_a_batch_that_fails_or_is_cut_off_comes_again_and_a_finished_one_does_not(settings):
    handed, begun = Handed(), asyncio.Event()

    async def fails(_messages):
        raise KeyError("broken")

    async def hangs(_messages):
        begun.set()
        await asyncio.Event().wait()

    await send(settings, 0, "a", "b")
    async with reading(settings, fails) as running:
        with pytest.raises(KeyError, match="broken"):
            await asyncio.wait_for(running, 30)
    async with reading(settings, hangs):
        await asyncio.wait_for(begun.wait(), 30)
    async with reading(settings, handed):
        await until_nothing_waits(settings)
    await send(settings, 0, "c")
    async with reading(settings, handed):
        await until_nothing_waits(settings)
    assert handed.keys == ["a", "b", "c"]


async def test_two_members_share_the_partitions_and_what_one_leaves_is_done_by_the_other(settings):
    delays_s = [SOON_S] * 12
    first, second = Handed(), Handed()
    async with reading(settings, first, delays_s):
        async with reading(settings, second, delays_s):
            async with asyncio.timeout(60):
                while not (first.keys and second.keys):
                    for partition in range(12):
                        await send(settings, partition, f"p{partition}")
                    await asyncio.sleep(SOON_S)
            await until_nothing_waits(settings)
        before = len(first.keys)
        for partition in range(12):
            await send(settings, partition, f"afterwards {partition}")
        await until_nothing_waits(settings)
    # What is in hand while the other one leaves comes again.
    assert set(first.keys[before:]) >= {f"afterwards {partition}" for partition in range(12)}
