"""Generations filled from topics that were really compacted, and subscribers that only ever read what is left."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from chaos.light import light_bundle, light_encoder
from chaos.worker import CONTROL
from fakes.bench import POLICY
from fakes.busy_sellers import BusySellers
from fakes.compaction import clean_as_ever, clean_often, compact_at_once, records_of, until_compacted, written_to
from fakes.generations import assert_known, begun, subscribed, until_filled, worker_of
from fakes.on_kafka import ids, ready, told, until_drained
from fakes.other_bundle import with_matching
from fakes.outcome import expected

from streams.brokers.topics import Topics
from streams.events.generations import Source
from streams.reindex.promotion import Conditions, promote

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

WAVES = 10
STRICTER = POLICY.model_copy(update={"match_threshold": 0.9})
ANY = Conditions(most_change=None)
TESTS = Path(__file__).parents[1]
LIGHT_WORKER = (sys.executable, "-m", "chaos.worker")


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
    matching = STRICTER.model_dump(mode="json", exclude_unset=True)
    return str(with_matching(settings.bundle, folder / "stricter", **matching).path)


async def begun_compacted(settings, name, **plan):
    there = await begun(settings, name, **plan)
    compact_at_once(there, Topics(there).internal())
    return there


async def shadow(settings):
    """What a generation that is not live would tell, read from the topic that it tells it on."""
    prefix = f"{settings.topic_prefix}{settings.generation}."
    return await told(settings.model_copy(update={"topic_prefix": prefix}))


def matches_of(sellers, policy=POLICY):
    """What the reference says."""
    return expected(sellers.log, policy, light_encoder())


async def assert_compacted(settings, sellers):
    topics = Topics(settings)
    await until_compacted(settings, topics.listings.name, sellers.more, gone=sellers.withdrawn)
    await until_compacted(settings, topics.embeddings.name, sellers.more)
    for topic in (topics.matches, topics.products):
        while len(await records_of(settings, topic.name)) == await written_to(settings, topic.name):  # noqa: ASYNC110 - brokers have no event
            await asyncio.sleep(0.5)


async def test_generations_filled_from_compacted_topics_tell_what_every_event_comes_to(g1, tmp_path):
    sellers = BusySellers(g1)
    async with subscribed(g1) as subscriber, worker_of(g1, tmp_path / "g1", *LIGHT_WORKER):
        subscriber.compacted = True
        for _ in range(WAVES):
            await sellers.wave()
            await until_drained(g1)
        await assert_compacted(g1, sellers)
        assert sellers.withdrawn
        await until_drained(g1)
        await assert_known(g1, subscriber, matches_of(sellers))

        anew = await begun_compacted(g1, "anew", source=Source.LISTINGS, bundle=stricter(tmp_path, g1))
        copied = await begun_compacted(g1, "copied", source=Source.EMBEDDINGS)
        async with (
            worker_of(anew, tmp_path / "anew", *LIGHT_WORKER),
            worker_of(copied, tmp_path / "copied", *LIGHT_WORKER),
        ):
            await until_filled(anew)
            await until_filled(copied)
            strict = matches_of(sellers, STRICTER)
            assert await shadow(anew) == {one: ids(some) for one, some in strict.items()} != await told(g1)
            assert await shadow(copied) == await told(g1)

            await promote(g1, "anew", ANY, lambda _words: None)
            await assert_known(anew, subscriber, matches_of(sellers, STRICTER))
            await sellers.wave()
            for settings in (g1, anew, copied):
                await until_filled(settings)
            await assert_known(anew, subscriber, matches_of(sellers, STRICTER))

            await promote(g1, "copied", ANY, lambda _words: None)
            await assert_known(copied, subscriber, matches_of(sellers))
