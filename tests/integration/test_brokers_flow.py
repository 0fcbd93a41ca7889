import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer

from streams.agents import stage_app
from streams.brokers.admin import create_topics
from streams.brokers.feeding import feed
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import StageName, Topics, group_of
from streams.events import Message

NEXT = {
    StageName.EMBED: "embeddings",
    StageName.INDEX: "reblend",
    StageName.BLEND: "rematch",
    StageName.MATCH: "matches",
    StageName.JUDGE: "rematch",
    StageName.GROUP: "products",
}


async def until(condition, within_s=90.0):
    async with asyncio.timeout(within_s):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def settings(broker_settings):
    await create_topics(broker_settings)
    return broker_settings.model_copy(update={"session_timeout_s": 30.0})  # as with Kafka: nobody joins or dies here


@asynccontextmanager
async def passing_on(settings):
    """All four stages as agents, each handing on what it reads."""
    async with Publisher(settings) as publisher:

        def stage(name):
            topic = getattr(Topics(settings), NEXT[name]).name

            async def process(batch):
                futures = [await publisher.send(topic, one.key, one.value) for one in batch]
                await asyncio.gather(*futures)

            return stage_app(name, settings, process)

        apps = [stage(name) for name in StageName]
        try:
            await asyncio.gather(*(app.start() for app in apps))
            yield
        finally:
            await asyncio.gather(*(app.stop() for app in apps))


async def keys_of(settings, topic):
    return [record.key async for record in read_records(settings, topic.name, until_end=True)]


async def test_drained_is_never_said_too_early_and_is_said_in_the_end(settings):
    topics = Topics(settings)
    async with passing_on(settings), LagReader(settings) as reader, Publisher(settings) as publisher:
        for start in range(0, 600, 200):
            keys = [b"%d" % number for number in range(start, start + 200)]
            await publisher.publish_all(Message(topics.listings.name, key, b"x") for key in keys)
            await until(reader.drained)
            assert set(keys) <= set(await keys_of(settings, topics.matches))
            assert [one.lag for one in await reader.lags()] == [0] * len(StageName)


async def test_agents_commit_one_beyond_the_last_message_when_they_stop(settings):
    topics = Topics(settings)
    async with passing_on(settings), Publisher(settings) as publisher:
        await publisher.publish_all(Message(topics.listings.name, b"%d" % number, b"x") for number in range(100))

        async def all_arrived():
            return len(await keys_of(settings, topics.matches)) >= 100

        await until(all_arrived)

    async with LagReader(settings) as reader:
        for one in await reader.lags():
            assert [partition.committed or 0 for partition in one.partitions] == [
                partition.end for partition in one.partitions
            ]


@asynccontextmanager
async def reading_slowly(settings, seen):
    """An embed stage that reads about 20 MB a second and remembers the keys."""
    consumer = AIOKafkaConsumer(
        Topics(settings).listings.name,
        bootstrap_servers=settings.brokers,
        group_id=group_of(settings, StageName.EMBED),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=30_000,  # one that was slow would be out of its group, and read no more
        fetch_max_wait_ms=50,
        max_poll_records=100,
    )
    await consumer.start()

    async def read():
        while True:
            batches = await consumer.getmany(timeout_ms=50)
            seen.extend(message.key for batch in batches.values() for message in batch)
            await asyncio.sleep(0.05)
            if batches:
                await consumer.commit()

    task = asyncio.ensure_future(read())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


def forty_megabytes(settings):
    """Twice what fits into four partitions of 5 MB."""
    name = Topics(settings).listings.name
    return [Message(name, b"%d" % number, b"x" * 10_000) for number in range(4000)]


async def test_the_embedded_broker_loses_nothing_that_is_fed_to_it(embedded_settings):
    await create_topics(embedded_settings)
    messages, seen = forty_megabytes(embedded_settings), []
    async with reading_slowly(embedded_settings, seen), LagReader(embedded_settings) as reader:
        assert await feed(embedded_settings, messages) == 4000
        await until(reader.drained)
    assert set(seen) == {message.key for message in messages}


async def test_the_embedded_broker_forgets_what_is_not_read_in_time(embedded_settings):
    await create_topics(embedded_settings)
    async with Publisher(embedded_settings) as publisher:
        await publisher.publish_all(forty_megabytes(embedded_settings))

    kept = await keys_of(embedded_settings, Topics(embedded_settings).listings)

    assert 0 < len(kept) < 4000
