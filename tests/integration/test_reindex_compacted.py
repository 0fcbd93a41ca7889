"""Generations filled from topics that were really compacted, and subscribers that only ever read what is left."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from chaos.light import light_bundle, light_encoder
from chaos.worker import CONTROL
from fakes.bench import POLICY
from fakes.busy_sellers import BusySellers
from fakes.compaction import clean_as_ever, clean_often, compact_at_once, records_of, until_compacted, written_to
from fakes.on_kafka import ids, ready, told, until_drained
from fakes.outcome import expected
from fakes.subscriber import Subscriber

from encoders.bundle import Manifest, read_bundle, write_bundle
from streams.brokers.groups import lag_of
from streams.brokers.reader import end_offsets
from streams.brokers.topics import Topics, group_of
from streams.cli.local_worker import LocalWorker
from streams.events.generations import Source
from streams.events.products import ProductEvent
from streams.matching.grouping import products
from streams.reindex.beginning import begin
from streams.reindex.planning import Plan
from streams.reindex.promotion import Conditions, promote
from streams.reindex.shaping import settings_of

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

WAVES = 10
STRICTER = POLICY.model_copy(update={"match_threshold": 0.9})
ANY = Conditions(most_change=None)
TESTS = Path(__file__).parents[1]


@pytest.fixture
def compacting(kafka_settings):
    clean_often(kafka_settings)
    yield kafka_settings
    clean_as_ever(kafka_settings)


@pytest.fixture
async def g1(compacting, tmp_path, monkeypatch):
    """The first generation, with topics that are compacted at once, and workers that need no encoder of weight."""
    monkeypatch.setenv("PYTHONPATH", f"{TESTS}{os.pathsep}{TESTS.parent}")
    monkeypatch.setenv(CONTROL, str(tmp_path / "no-trouble"))
    bundle = str(light_bundle(tmp_path / "light").path)
    settings = await ready(compacting.model_copy(update={"bundle": bundle}), tmp_path, tmp_path)
    topics = Topics(settings)
    compacted = (topics.listings, topics.judgements, topics.embeddings, topics.generations)
    compact_at_once(settings, (*compacted, topics.matches, topics.products))
    return settings


def stricter(folder, settings):
    bundle = read_bundle(settings.bundle)
    parts = {part.name: getattr(bundle, part.name) for part in fields(Manifest)}
    parts["matching"] = STRICTER.model_dump(mode="json", exclude_unset=True)
    return str(write_bundle(folder / "stricter", Manifest(**parts), {}).path)


@asynccontextmanager
async def worker_of(settings, folder):
    here = settings.model_copy(update={"attempts_path": folder / "attempts", "heartbeat_file": folder / "heartbeat"})
    async with LocalWorker(here, folder / "worker.log", [sys.executable, "-m", "chaos.worker"]) as worker:
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
    await until_drained(settings)
    for aside, topic in Topics(settings).followed().items():
        while await lag_of(settings, topic.name, group_of(settings, aside)):  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.2)
    await until_drained(settings)


async def begun(settings, name, **plan):
    there = settings_of(settings, (await begin(settings, Plan(name=name, **plan))).generation)
    compact_at_once(there, Topics(there).internal())
    return there


async def shadow(settings):
    """What a generation that is not live would tell, read from the topic that it tells it on."""
    prefix = f"{settings.topic_prefix}{settings.generation}."
    return await told(settings.model_copy(update={"topic_prefix": prefix}))


async def told_products(settings):
    state = {}
    for record in await records_of(settings, Topics(settings).products.name):
        state[record.key] = ProductEvent.from_bytes(record.key, record.value)
    return {one.product_id: one.members for one in state.values() if one.members is not None}


def as_sets(lists):
    return {one: set(some) for one, some in lists.items()}


async def assert_known(settings, subscriber, sellers, policy=POLICY):
    """Who reads what compaction has left knows the same as who read every event: what the reference says."""
    matches = expected(sellers.log, policy, light_encoder())
    left = as_sets(await told(settings))
    assert left == {one: set(ids(some)) for one, some in matches.items()}
    await subscriber.up_to(await end_offsets(settings, Topics(settings).matches.name))
    assert subscriber.faults == []
    assert subscriber.lists == left
    groups = products(matches, settings.product_limit)
    assert await told_products(settings) == {one: group.members for one, group in groups.items()}


async def assert_compacted(settings, sellers):
    topics = Topics(settings)
    await until_compacted(settings, topics.listings.name, sellers.more, gone=sellers.withdrawn)
    await until_compacted(settings, topics.embeddings.name, sellers.more)
    for topic in (topics.matches, topics.products):
        assert len(await records_of(settings, topic.name)) < await written_to(settings, topic.name)


async def test_generations_filled_from_compacted_topics_tell_what_every_event_comes_to(g1, tmp_path):
    sellers = BusySellers(g1)
    async with subscribed(g1) as subscriber, worker_of(g1, tmp_path / "g1"):
        for _ in range(WAVES):
            await sellers.wave()
            await until_drained(g1)
        await assert_compacted(g1, sellers)
        assert sellers.withdrawn
        await until_drained(g1)
        await assert_known(g1, subscriber, sellers)

        anew = await begun(g1, "anew", source=Source.LISTINGS, bundle=stricter(tmp_path, g1))
        copied = await begun(g1, "copied", source=Source.EMBEDDINGS)
        async with worker_of(anew, tmp_path / "anew"), worker_of(copied, tmp_path / "copied"):
            await until_filled(anew)
            await until_filled(copied)
            strict = expected(sellers.log, STRICTER, light_encoder())
            assert await shadow(anew) == {one: ids(some) for one, some in strict.items()} != await told(g1)
            assert await shadow(copied) == await told(g1)

            await promote(g1, "anew", ANY, lambda _words: None)
            await assert_known(anew, subscriber, sellers, STRICTER)
            await sellers.wave()
            for settings in (g1, anew, copied):
                await until_filled(settings)
            await assert_known(anew, subscriber, sellers, STRICTER)

            await promote(g1, "copied", ANY, lambda _words: None)
            await assert_known(copied, subscriber, sellers)
