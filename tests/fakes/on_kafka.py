"""The flow on a real broker, as tests drive it: topics of its own, a log published, what is told in the end."""

import asyncio
from dataclasses import replace

from aiokafka import AIOKafkaProducer

from streams.brokers.admin import create_topics
from streams.brokers.embedded import ensure_topics
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.topics import Topics
from streams.events import MatchEvent


def ids(matches):
    return [match.listing_id for match in matches]


async def ready(settings, folder, tmp_path, *, missed_after_s=None):
    """The same settings, with topics that exist and an index of their own.

    Whoever kills or pauses a worker says after how long it is to be missed. All others have the session of the
    settings: on a machine that is busy elsewhere a worker may well be silent for some seconds, and ends for it.
    """
    here = settings.model_copy(
        update={
            "image_root": folder,
            "index_path": tmp_path / "index",
            "attempts_path": tmp_path / "attempts",
            "heartbeat_file": tmp_path / "heartbeat",
            "session_timeout_s": missed_after_s or settings.session_timeout_s,
        }
    )
    if here.broker_embedded:
        await ensure_topics(here.brokers, [topic.name for topic in Topics(here)])
    else:
        await create_topics(here)
    return here


async def publish(log, settings):
    topic = Topics(settings).listings.name
    async with Publisher(settings) as publisher:
        await publisher.publish_all([replace(message, topic=topic) for message in log])


async def sent_in_a_transaction(settings, topic, key, value):
    """Where one record is whose transaction has its end in the log: a producer that commits does not wait for that."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.brokers, transactional_id=settings.topic_prefix)
    await producer.start()
    async with producer.transaction():
        sent = await producer.send_and_wait(topic, value, key=key)
    await producer.stop()
    while (await end_offsets(settings, topic))[sent.partition] < sent.offset + 2:  # noqa: ASYNC110 - no event for us
        await asyncio.sleep(0.05)
    return sent


async def until_drained(settings):
    async with LagReader(settings) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.2)


async def told(settings):
    state = {}
    async for record in read_records(settings, Topics(settings).matches.name, until_end=True):
        event = MatchEvent.from_bytes(record.key, record.value)
        state[event.listing_id] = event
    return {one: ids(event.matches) for one, event in state.items() if event.matches is not None}
