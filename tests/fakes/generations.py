"""Generations side by side on a real broker: one begun, its worker, who subscribes, and what they know in the end."""

import asyncio
from contextlib import asynccontextmanager

from fakes.on_kafka import told, until_drained
from fakes.subscriber import Subscriber

from streams.brokers.groups import lag_of, new_group_reader
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.roster import read_roster
from streams.brokers.topics import Topics, group_of
from streams.cli.local_worker import LocalWorker
from streams.events.products import ProductEvent
from streams.matching.grouping import products
from streams.reindex.beginning import begin
from streams.reindex.planning import Plan
from streams.reindex.progress import look
from streams.reindex.shaping import settings_of


async def begun(settings, name, **plan):
    """A second generation: its settings."""
    return settings_of(settings, (await begin(settings, Plan(name=name, **plan))).generation)


@asynccontextmanager
async def worker_of(settings, folder, *command):
    """One worker of that generation, with files of its own; the command's, or another one."""
    here = settings.model_copy(update={"attempts_path": folder / "attempts", "heartbeat_file": folder / "heartbeat"})
    async with LocalWorker(here, folder / "worker.log", *([command] if command else [])) as worker:
        yield worker


@asynccontextmanager
async def subscribed(settings):
    """One who reads every event, before it is compacted away."""
    subscriber = Subscriber(settings)
    reading = asyncio.create_task(subscriber.follow())
    try:
        yield subscriber
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def until_filled(settings):
    """All that there is has gone through the stages of a generation that is not live, and each has its worker."""
    await until_drained(settings)
    for aside, topic in Topics(settings).followed().items():
        while await lag_of(settings, topic.name, group_of(settings, aside)):  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.2)
    await until_drained(settings)
    async with new_group_reader(settings) as reader:
        # A stage without any work may be the last to join its group.
        while (await look(reader, settings, await read_roster(settings))).idle:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.2)


async def assert_known(settings, subscriber, matches):
    """Who reads what is left of the topics knows what who read every event knows: these matches, their products."""
    left = as_sets(await told(settings))
    assert left == {one: {match.listing_id for match in some} for one, some in matches.items()}
    await subscriber.up_to(await end_offsets(settings, Topics(settings).matches.name))
    assert subscriber.faults == []
    assert subscriber.lists == left
    groups = products(matches, settings.product_limit)
    assert await told_products(settings) == {one: group.members for one, group in groups.items()}


async def told_products(settings):
    """The members of each product that is there."""
    state = {}
    async for record in read_records(settings, Topics(settings).products.name, until_end=True):
        state[record.key] = ProductEvent.from_bytes(record.key, record.value)
    return {one.product_id: one.members for one in state.values() if one.members is not None}


def as_sets(lists):
    """The same lists, in no order."""
    return {one: set(some) for one, some in lists.items()}
