"""A live generation on a real broker, what it has done, and what a second one beside it has left there."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import PolicyViolationError

from encoders.bundle import LexicalSpec, Manifest, TextSpec, read_bundle, write_bundle
from encoders.types import Modality
from streams.brokers.admin import create_topics
from streams.brokers.group_keeping import commit_offsets
from streams.brokers.groups import new_group_reader
from streams.brokers.producer import Publisher
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.roster import read_roster
from streams.brokers.topics import REFETCH, StageName, Topics, group_of
from streams.reindex.beginning import topics_there
from streams.reindex.joining import ensure_on_roster


class KilledError(Exception):
    """Stands for SIGKILL."""


def bundle_of(folder, dimensions=8, **matching):
    manifest = Manifest(
        text=TextSpec("light"), lexical=LexicalSpec(), dimensions={Modality.TEXT: dimensions}, matching=matching
    )
    return str(write_bundle(folder, manifest, {}).path)


async def live_generation(kafka_settings, folder):
    """Settings of a live generation `g1`."""
    mine = {"generation": "g1", "bundle": bundle_of(folder / "first"), "index_path": folder / "index"}
    here = kafka_settings.model_copy(update=mine)
    await create_topics(here)
    await ensure_on_roster(here, read_bundle(here.bundle))
    return here


def of(settings, name):
    return settings.model_copy(update={"generation": name})


async def send(settings, topic, count=20, partition=None):
    async with Publisher(settings) as publisher:
        for number in range(count):
            await publisher.send(topic, b"k%d" % number, b"v%d" % number, {"h": b"1"}, partition=partition)


async def configure(settings, topic, **changes):
    """Give a topic these settings beside those it was declared with; return when the broker goes by them."""
    told = {**topic.configuration, **{name.replace("_", "."): value for name, value in changes.items()}}
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, told)])
    while not told.items() <= (await configuration(admin, topic)).items():  # noqa: ASYNC110 - the controller has it first
        await asyncio.sleep(0.1)
    await admin.close()


async def configuration(admin, topic):
    """What the broker says of that topic."""
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
    return {entry[0]: entry[1] for resource in response.resources for entry in resource[4]}


async def delete_beginning(settings, topic):
    """Three of five records go, as retention deletes them; brokers do that only where the policy says so."""
    await send(settings, topic.name, 5, partition=1)
    await configure(settings, topic, cleanup_policy="compact,delete")
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    deleted = False
    while not deleted:  # a broker learns of the policy a little later
        with suppress(PolicyViolationError):
            await admin.delete_records({TopicPartition(topic.name, 1): RecordsToDelete(before_offset=3)})
            deleted = True
    await admin.close()
    await configure(settings, topic)


async def contents(settings, topic):
    return Counter([(one.partition, one.key, one.value) async for one in read_records(settings, topic, until_end=True)])


async def half_done(settings):
    """A live generation that has done some of what there is; what it has acknowledged of `listings`."""
    names = Topics(settings)
    await send(settings, names.listings.name)
    await send(settings, names.embeddings.name)
    for partition in (0, 3):
        await send(settings, names.refetch.name, 3, partition)
    ends = await end_offsets(settings, names.listings.name)
    acknowledged = {number: end // 2 for number, end in ends.items() if end}
    await commit_offsets(settings, group_of(settings, StageName.EMBED), names.listings.name, acknowledged)
    await commit_offsets(settings, group_of(settings, REFETCH), names.refetch.name, {0: 2})
    return acknowledged


async def as_left(settings, name):
    """All that a beginning has left on the broker."""
    there, names = of(settings, name), Topics(of(settings, name))
    async with new_group_reader(there) as reader:
        embed = await reader.committed(names.listings.name, group_of(there, StageName.EMBED))
    photos = await contents(there, names.refetch.name)
    generation = (await read_roster(settings)).generations.get(name)
    return set(await topics_there(there)), embed, set(photos), generation and generation.bounds


async def cut_off(module, step, when, monkeypatch, running):
    """Run it until before or after that step."""
    real = getattr(module, step)

    async def killed(*arguments):
        if when == "after":
            await real(*arguments)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed)
        with pytest.raises(KilledError):
            await running
