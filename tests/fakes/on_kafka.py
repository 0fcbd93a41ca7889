"""The flow on a real broker, as tests drive it: topics of its own, a log published, what is told in the end."""

import asyncio
from dataclasses import replace

from streams.brokers.admin import create_topics
from streams.brokers.embedded import ensure_topics
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.events import MatchEvent


def ids(matches):
    return [match.listing_id for match in matches]


async def ready(settings, folder, tmp_path):
    """The same settings, with topics that exist and an index of their own."""
    here = settings.model_copy(
        update={
            "image_root": folder,
            "index_path": tmp_path / "index",
            "attempts_path": tmp_path / "attempts",
            "heartbeat_file": tmp_path / "heartbeat",
            "session_timeout_s": min(settings.session_timeout_s, 6.0),  # a killed worker is missed for so long
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
