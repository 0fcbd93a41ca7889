import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from fakes.on_kafka import sent_in_a_transaction

from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader, drained, stage_lags
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics, group_of
from streams.events import Message


@pytest.fixture
async def settings(broker_settings):
    await create_topics(broker_settings)
    return broker_settings


@asynccontextmanager
async def committing(settings, stage):
    """Says to Kafka how far a stage is: a partition and an offset at a time."""
    topic = Topics(settings).inputs()[stage].name
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.brokers, group_id=group_of(settings, stage), enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])

    async def commit(partition, offset):
        await consumer.commit({TopicPartition(topic, partition): offset})

    try:
        yield commit
    finally:
        await consumer.stop()


async def publish(settings, topic, count):
    """Publish so many messages; the end of each partition afterwards."""
    ends = dict.fromkeys(range(settings.partitions), 0)

    def note(sent):
        ends[sent.partition] = max(ends[sent.partition], sent.offset + 1)

    async with Publisher(settings) as publisher:
        await publisher.publish_all((Message(topic, b"%d" % number, b"x") for number in range(count)), note)
    return ends


async def test_nothing_published_is_drained(settings):
    async with LagReader(settings) as reader:
        lags = await reader.lags()
        assert [(one.stage, one.lag) for one in lags] == [(stage, 0) for stage in StageName]
        assert [partition.committed for partition in lags[0].partitions] == [None] * settings.partitions
        assert await reader.drained()


async def test_each_stage_has_its_lag_until_it_commits(settings):
    inputs = Topics(settings).inputs()
    async with LagReader(settings) as reader:
        for stage in StageName:
            ends = await publish(settings, inputs[stage].name, 20)
            lag = next(one for one in await reader.lags() if one.stage is stage)
            assert lag.lag == 20
            assert {one.partition: one.end for one in lag.partitions if one.end} == {
                i: end for i, end in ends.items() if end
            }
            assert not await reader.drained()

            async with committing(settings, stage) as commit:
                for partition, end in ends.items():
                    if end:
                        assert not await reader.drained()
                        await commit(partition, end)
            assert sum(one.lag for one in await reader.lags()) == 0
            assert await reader.drained()


async def test_asking_once_needs_no_reader_kept_open(settings):
    await publish(settings, Topics(settings).listings.name, 3)

    assert [one.lag for one in await stage_lags(settings)] == [3, 0, 0, 0, 0, 0]
    assert not await drained(settings)


async def test_asking_moves_no_partition(settings):
    moved, assigned_first = [], asyncio.Event()

    class Listener(ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            moved.append(revoked)

        def on_partitions_assigned(self, assigned):
            moved.append(assigned)
            assigned_first.set()

    worker = AIOKafkaConsumer(
        bootstrap_servers=settings.brokers,
        group_id=group_of(settings, StageName.EMBED),
        session_timeout_ms=30_000,  # nobody is to leave it by being slow
        heartbeat_interval_ms=200,
    )
    worker.subscribe([Topics(settings).listings.name], listener=Listener())
    await worker.start()
    try:
        await asyncio.wait_for(assigned_first.wait(), 30)
        before = list(moved)
        async with LagReader(settings) as reader:
            for _ in range(10):
                await reader.lags()
                await reader.drained()
        await asyncio.sleep(0.5)  # two heartbeats, with which the coordinator would tell
        assert moved == before
    finally:
        await worker.stop()


@pytest.mark.kafka
async def test_the_end_of_a_transaction_is_nothing_left_to_do(kafka_settings):
    await create_topics(kafka_settings)
    listings = Topics(kafka_settings).listings.name
    sent = await sent_in_a_transaction(kafka_settings, listings, b"a", b"x")

    async with LagReader(kafka_settings) as reader, committing(kafka_settings, StageName.EMBED) as commit:
        assert not await reader.drained()
        await commit(sent.partition, sent.offset + 1)
        assert await reader.drained()
        (left,) = [part for one in await reader.lags() for part in one.partitions if part.lag]
        assert left.lag == 1
        assert await reader.nothing_left(StageName.EMBED, left)
        assert not await reader.nothing_left(StageName.EMBED, replace(left, lag=2))


@pytest.mark.kafka
async def test_what_retention_removed_is_no_lag(kafka_settings):
    await create_topics(kafka_settings)
    reblend = Topics(kafka_settings).reblend.name
    ends = await publish(kafka_settings, reblend, 40)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_settings.brokers)
    await admin.start()
    removed = {TopicPartition(reblend, number): RecordsToDelete(before_offset=end) for number, end in ends.items()}
    await admin.delete_records(removed)
    await admin.close()

    async with LagReader(kafka_settings) as reader:
        assert [one.lag for one in await reader.lags()] == [0] * len(StageName)
        assert await reader.drained()
