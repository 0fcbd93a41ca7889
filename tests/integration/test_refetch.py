"""A host of photos that is down for a while, and real workers that are killed: the lists are the reference's."""

import asyncio
import os
import signal
from dataclasses import replace

import orjson
import pytest
from fakes.image_host import ImageHost
from fakes.mixed_log import catalogue_records, mixed_log

from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader, refetch_lag
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.batch import match_in_batch
from streams.cli.local_worker import LocalWorker
from streams.events import MatchEvent, read_listing_event
from streams.settings import Settings

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PRODUCTS = 30


def lists_of_reference(log, folder):
    settings = Settings(_env_file=None, image_root=folder)
    lists = match_in_batch([read_listing_event(message) for message in log], settings)
    return {one: [match.listing_id for match in matches] for one, matches in lists.items()}


async def told(settings):
    state = {}
    async for record in read_records(settings, Topics(settings).matches.name, until_end=True):
        event = MatchEvent.from_bytes(record.key, record.value)
        state[event.listing_id] = event
    return {
        one: [match.listing_id for match in event.matches] for one, event in state.items() if event.matches is not None
    }


async def publish(log, settings, host):
    """With each photo on the host."""
    topic = Topics(settings).listings.name
    async with Publisher(settings) as publisher:
        await publisher.publish_all([replace(one, topic=topic, value=_on(host, one.value)) for one in log])


def _on(host, value):
    fields = orjson.loads(value or b"{}")
    return orjson.dumps({**fields, "image": host.url(fields["image"])}) if "image" in fields else value


async def until_drained(settings, *, photos):
    async with LagReader(settings, photos=photos) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.2)


async def kill(worker):
    """End its process and wait for the next one."""
    starts = worker.starts
    os.kill(worker.process_id, signal.SIGKILL)
    while worker.starts == starts:  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0.1)


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    changes = {
        "index_path": tmp_path / "index",
        "attempts_path": tmp_path / "attempts",
        "heartbeat_file": tmp_path / "heartbeat",
        "session_timeout_s": 6.0,  # a killed worker is missed for so long
        "image_allow_private": True,
        "image_retries": 0,
        "image_refetch_s": 0.5,
    }
    await create_topics(kafka_settings)
    return kafka_settings.model_copy(update=changes)


async def test_a_host_that_was_down_leaves_no_trace_and_neither_do_workers_that_are_killed(settings, tmp_path):
    folder = tmp_path / "photos"
    records = catalogue_records(PRODUCTS, folder)
    log = mixed_log(records, 1)
    wanted = await asyncio.to_thread(lists_of_reference, log, folder)
    async with ImageHost(folder) as host, LocalWorker(settings, tmp_path / "worker.log") as worker:
        host.troubled = True
        await publish(log, settings, host)
        await until_drained(settings, photos=False)
        waiting = await refetch_lag(settings)
        assert waiting
        assert await told(settings) != wanted

        host.troubled = False
        while host.served < waiting / 3:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.05)
        await kill(worker)
        await until_drained(settings, photos=True)
    assert await told(settings) == wanted
    assert host.paths >= {one["image"] for one in records if "image" in one and one["listing_id"] in wanted}
