"""What senders may write that no client of good manners does: it is read, and stops nobody."""

import asyncio

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from fakes.raw_records import GZIP, batch, produce, record

from streams.brokers.admin import create_topics
from streams.brokers.dead_letters import publish_again, read_dead_letters
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.events import MatchEvent, Message
from streams.events.headers import Headers

STRANGE = ((b"trace-\xff", b"\xfe"), (b"trace", b"1"), (b"empty", None), (b"trace", b"2"))
TOLD = (("trace-?", b"\xfe"), ("trace", b"1"), ("empty", None), ("trace", b"2"))


@pytest.fixture
async def settings(broker_settings, tmp_path):
    await create_topics(broker_settings)
    changes = {"index_path": tmp_path / "index", "attempts_path": tmp_path, "session_timeout_s": 30.0}
    return broker_settings.model_copy(update=changes)


async def everything(settings, topic):
    async with asyncio.timeout(30):
        return [one async for one in read_records(settings, topic.name, until_end=True)]


@pytest.mark.parametrize("compression", [0, GZIP])
async def test_headers_are_read_whatever_their_names(settings, compression):
    listings = Topics(settings).listings
    data = batch(record(b"a", b"1"), record(b"b", None, STRANGE), record(b"c", b"3"), compression=compression)
    await produce(settings, listings.name, 0, data)
    async with Publisher(settings) as publisher:
        await publisher.send(listings.name, b"d", b"4")
    found = {one.key: one for one in await everything(settings, listings)}
    assert found.keys() == {b"a", b"b", b"c", b"d"}
    assert (found[b"b"].value, found[b"b"].headers) == (None, Headers(TOLD))


async def test_such_a_record_counts_as_not_yet_read(settings):
    topics = Topics(settings)
    await produce(settings, topics.listings.name, 0, batch(record(b"b", None, STRANGE)))
    async with LagReader(settings) as reader, asyncio.timeout(30):
        assert not await reader.drained()


async def test_such_a_listing_is_matched_and_as_a_dead_letter_has_its_headers(settings, tmp_path):
    topics = Topics(settings)
    same = orjson.dumps({"listing_id": "a", "title": "red running shoe 42"})
    data = batch(record(b"a", same, STRANGE), record(b"bad", b"{", STRANGE))
    await produce(settings, topics.listings.name, 0, data)
    async with Publisher(settings) as publisher:
        await publisher.send(topics.listings.name, b"b", same.replace(b'"a"', b'"b"'))
    async with LocalWorker(settings, tmp_path / "worker.log") as worker, asyncio.timeout(120):
        await until_drained(settings)
        [letter] = [one async for one in read_dead_letters(settings)]
        await publish_again(settings, [letter])
        await until_drained(settings)
        assert worker.starts == 1
    lists = {one.key: MatchEvent.from_bytes(one.key, one.value) for one in await everything(settings, topics.matches)}
    assert {key: [match.listing_id for match in one.matches] for key, one in lists.items()} == {
        b"a": ["b"],
        b"b": ["a"],
    }
    first, second = [one async for one in read_dead_letters(settings)]
    assert (first.record.value, first.retried_at is None, second.retried_at) == (b"{", False, None)
    assert first.original().headers == second.original().headers == Headers(TOLD)


async def until_drained(settings):
    async with LagReader(settings) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
async def test_senders_may_compress(settings, compression):
    listings = Topics(settings).listings
    producer = AIOKafkaProducer(bootstrap_servers=settings.brokers, compression_type=compression)
    await producer.start()
    await producer.send_and_wait(listings.name, b"x" * 1000, key=b"a")
    await producer.stop()
    await produce(settings, listings.name, 0, batch(record(b"b", b"2", STRANGE)))
    assert {one.key for one in await everything(settings, listings)} == {b"a", b"b"}


async def test_a_message_may_have_one_header_twice_and_one_without_a_value(settings):
    listings = Topics(settings).listings
    headers = Headers([("trace", b"1"), ("empty", None), ("trace", b"2")])
    async with Publisher(settings) as publisher:
        await publisher.publish_all([Message(listings.name, b"a", b"1", headers=headers)])
    [found] = await everything(settings, listings)
    assert found.headers == headers
    assert found.headers["trace"] == b"2"
