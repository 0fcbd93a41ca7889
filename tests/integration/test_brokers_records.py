import asyncio
from collections import defaultdict
from contextlib import aclosing, suppress

import faust
import pytest
from fakes.on_kafka import sent_in_a_transaction

from streams.brokers.admin import create_topics
from streams.brokers.embedded import EMBEDDED_OVERRIDES, EmbeddedBroker
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import MESSAGE_BYTES, Topics
from streams.errors import BrokerError, BrokerUnavailableError
from streams.events import Message
from streams.settings import Settings


@pytest.fixture
async def settings(broker_settings):
    await create_topics(broker_settings)
    return broker_settings


@pytest.fixture
def listings(settings):
    return Topics(settings).listings.name


async def everything(settings, topic):
    return [record async for record in read_records(settings, topic, until_end=True)]


async def test_what_is_published_is_read_as_it_was(settings, listings):
    async with Publisher(settings) as publisher:
        await publisher.send(listings, b"a", b"\x00\xff", {"why": b"because"})
        sent = await (await publisher.send(listings, b"a", None))

    first, second = await everything(settings, listings)

    assert (first.key, first.value, first.headers) == (b"a", b"\x00\xff", {"why": b"because"})
    assert (second.key, second.value, second.headers) == (b"a", None, {})
    assert (second.topic, second.partition, second.offset) == (sent.topic, sent.partition, sent.offset)
    assert first.timestamp_ms > 1_600_000_000_000


async def test_an_empty_topic_ends_at_once(settings, listings):
    assert await everything(settings, listings) == []


async def test_messages_of_one_key_keep_their_order_and_none_is_lost(settings, listings):
    messages = [Message(listings, b"%d" % (number % 7), b"%d" % number) for number in range(3000)]
    seen = []
    async with Publisher(settings, in_flight=50) as publisher:
        assert await publisher.publish_all(iter(messages), seen.append) == 3000

    by_key = defaultdict(list)
    for record in await everything(settings, listings):
        by_key[record.key].append(int(record.value))
    assert len(seen) == 3000
    assert by_key == {b"%d" % key: list(range(key, 3000, 7)) for key in range(7)}


async def test_messages_may_come_from_an_asynchronous_source(settings, listings):
    async def source():
        for number in range(5):
            yield Message(listings, b"%d" % number, b"x")

    async with Publisher(settings) as publisher:
        assert await publisher.publish_all(source()) == 5
    assert len(await everything(settings, listings)) == 5


async def test_reading_from_now_on_leaves_out_what_was_there(settings, listings):
    async with Publisher(settings) as publisher:
        await (await publisher.send(listings, b"old", b"1"))
        async with aclosing(read_records(settings, listings, from_beginning=False)) as records:
            coming = asyncio.ensure_future(anext(records))
            while not coming.done():
                await publisher.send(listings, b"new", b"2")
                await asyncio.wait([coming], timeout=0.1)
        assert (await coming).key == b"new"


async def test_a_message_too_large_is_named_and_the_next_goes_on(settings, listings):
    async with Publisher(settings) as publisher:
        with pytest.raises(BrokerError, match=rf"message 'big' .* at most {MESSAGE_BYTES} wanted"):
            await publisher.send(listings, b"big", b"x" * (MESSAGE_BYTES + 1))
        await publisher.send(listings, b"large", b"x" * (MESSAGE_BYTES - 1000))
        await publisher.send(listings, b"small", b"x")
    assert {record.key for record in await everything(settings, listings)} == {b"large", b"small"}


async def test_a_broker_that_went_away_fails_the_message_and_lets_the_publisher_go():
    with EmbeddedBroker() as broker:
        settings = Settings(_env_file=None, brokers=broker.address, **EMBEDDED_OVERRIDES)
        await create_topics(settings)
        topic = Topics(settings).listings.name
        publisher = await Publisher(settings, delivery_timeout_s=0.5).__aenter__()
        await until_delivered(publisher, topic)
        broker.stop()
        unwatched = await publisher.send(topic, b"b", b"2")
        async with asyncio.timeout(30):
            with pytest.raises(BrokerUnavailableError):
                await publisher.__aexit__(None, None, None)
    assert isinstance(unwatched.exception(), BrokerUnavailableError)


async def until_delivered(publisher, topic):
    """As often as it takes: what is late on a busy machine is not delivered either."""
    while True:
        with suppress(BrokerUnavailableError):
            await publisher.confirmed([await publisher.send(topic, b"a", b"1")])
            return


async def test_keys_land_where_the_stages_producers_put_them(settings):
    keys = [f"seller-{number}/é{number * 37}".encode() for number in range(200)]
    ours, theirs = Topics(settings).listings.name, Topics(settings).matches.name
    async with Publisher(settings) as publisher:
        await publisher.publish_all(Message(ours, key, b"x") for key in keys)
    app = faust.App(
        f"{settings.topic_prefix}keys",
        loop=asyncio.get_running_loop(),
        broker=f"kafka://{settings.brokers}",
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
    )
    await app.producer.start()
    topic = app.topic(theirs, key_serializer="raw", value_serializer="raw")
    await asyncio.gather(*[await topic.send(key=key, value=b"x", force=True) for key in keys])
    await app.producer.stop()

    places = [
        {record.key: record.partition for record in await everything(settings, topic)} for topic in (ours, theirs)
    ]
    assert places[0] == places[1]
    assert set(places[0].values()) == {0, 1, 2, 3}


@pytest.mark.kafka
async def test_a_message_without_key_is_rejected_where_the_newest_of_each_key_is_kept(kafka_settings):
    await create_topics(kafka_settings)
    topics = Topics(kafka_settings)
    async with Publisher(kafka_settings) as publisher:
        await (await publisher.send(topics.dead_letters.name, None, b"x"))
    publisher = await Publisher(kafka_settings).__aenter__()
    rejected = await publisher.send(topics.listings.name, None, b"x")
    with pytest.raises(BrokerError, match=r"a message without key for topic .* rejected by the broker"):
        await publisher.__aexit__(None, None, None)
    assert not rejected.exception().retryable


@pytest.mark.kafka
async def test_reading_to_the_end_ends_behind_a_transaction(kafka_settings):
    await create_topics(kafka_settings)
    topic = Topics(kafka_settings).listings.name
    await sent_in_a_transaction(kafka_settings, topic, b"a", b"1")

    async with asyncio.timeout(20):
        assert [record.key for record in await everything(kafka_settings, topic)] == [b"a"]
