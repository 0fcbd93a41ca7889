"""Consumer groups looked at from outside, and forgotten, on a real broker."""

from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from fakes.on_kafka import sent_in_a_transaction

from streams.brokers.admin import create_topics, remove_topics
from streams.brokers.client import admin_client
from streams.brokers.group_keeping import commit_offsets, delete_groups, groups_of
from streams.brokers.groups import lag_of, members, new_group_reader
from streams.brokers.producer import Publisher
from streams.brokers.topics import Aside, StageName, Topics, group_of
from streams.errors import BrokerError, TopicMissingError

pytestmark = pytest.mark.kafka


@pytest.fixture
async def settings(kafka_settings):
    await create_topics(kafka_settings)
    return kafka_settings


@asynccontextmanager
async def member(settings, topic, group):
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.brokers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        yield
    finally:
        await consumer.stop()


async def test_members_are_counted_and_a_group_that_nobody_knows_has_none(settings):
    group = group_of(settings, Aside.COPY)
    async with admin_client(settings) as admin:
        assert await members(admin, group) == 0
        async with member(settings, Topics(settings).matches.name, group):
            assert await members(admin, group) == 1
        assert await members(admin, group) == 0


async def test_a_group_with_members_is_not_forgotten_and_offsets_are_not_moved(settings):
    topic, group = Topics(settings).matches.name, group_of(settings, Aside.FOLLOW_MATCHES)
    await commit_offsets(settings, group, topic, {0: 3})
    async with member(settings, topic, group):
        with pytest.raises(BrokerError, match=r"NonEmptyGroup.*stop its workers"):
            await delete_groups(settings, [group])
        with pytest.raises(BrokerError):
            await commit_offsets(settings, group, topic, {0: 7})
    async with new_group_reader(settings) as reader:
        assert await reader.committed(topic, group) == {0: 3}
    await delete_groups(settings, groups_of(settings))
    async with new_group_reader(settings) as reader:
        assert await reader.committed(topic, group) == {}
    await delete_groups(settings, groups_of(settings))


async def test_the_lag_of_any_group_in_any_topic(settings):
    topic, group = Topics(settings).products.name, group_of(settings, Aside.FOLLOW_PRODUCTS)
    async with Publisher(settings) as publisher:
        for number in range(5):
            await publisher.send(topic, b"k", b"%d" % number, partition=2)
    assert await lag_of(settings, topic, group) == 5
    await commit_offsets(settings, group, topic, {2: 3})
    assert await lag_of(settings, topic, group) == 2
    await commit_offsets(settings, group, topic, {2: 5})
    assert await lag_of(settings, topic, group) == 0


async def test_topics_are_gone_when_that_returns_and_some_may_be_gone_before(settings):
    names = [Topics(settings).rematch.name, Topics(settings).reblend.name]
    await remove_topics(settings, names[:1])
    await remove_topics(settings, names)
    with pytest.raises(TopicMissingError):
        await lag_of(settings, names[1], group_of(settings, StageName.BLEND))


async def test_offsets_that_hold_nothing_are_not_left_to_do(settings):
    topic, group = Topics(settings).listings.name, group_of(settings, StageName.EMBED)
    sent = await sent_in_a_transaction(settings, topic, b"a", b"x")
    await commit_offsets(settings, group, topic, {sent.partition: sent.offset + 1})
    async with new_group_reader(settings) as reader:
        assert sum(one.lag for one in await reader.lags(topic, group)) == 1
        assert await reader.left(topic, group) == 0
