"""Workers and the roster: who is the first, who is refused, and what a generation's settings are."""

import pytest
from fakes.second_generation import bundle_of, live_generation, of

from encoders.bundle import read_bundle
from streams.brokers.admin import create_topics
from streams.brokers.roster import write_generation, write_live
from streams.errors import SettingsError, UnknownGenerationError
from streams.events.generations import Generation, Live
from streams.reindex import joining
from streams.reindex.beginning import begin
from streams.reindex.joining import ensure_on_roster, settings_on_roster
from streams.reindex.planning import Plan

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    return await live_generation(kafka_settings, tmp_path)


async def test_the_first_generation_is_live_and_others_are_refused(kafka_settings, tmp_path):
    here = kafka_settings.model_copy(update={"generation": "g1", "bundle": bundle_of(tmp_path / "first")})
    await create_topics(here)
    assert await settings_on_roster(here, chosen=False) == here
    for _ in range(2):
        roster = await ensure_on_roster(here, read_bundle(here.bundle))
        assert roster.is_live("g1")
    with pytest.raises(UnknownGenerationError, match=r"'g1'.*reindex start g7"):
        await ensure_on_roster(of(here, "g7"), read_bundle(here.bundle))


async def test_a_first_worker_that_died_between_two_records_is_followed_by_another(kafka_settings, tmp_path):
    here = kafka_settings.model_copy(update={"generation": "g1", "bundle": bundle_of(tmp_path / "first")})
    await create_topics(here)
    roster = await ensure_on_roster(here, read_bundle(here.bundle))
    other = of(here, "g2").model_copy(update={"topic_prefix": f"{here.topic_prefix}x."})
    await create_topics(other)
    await write_generation(other, roster.generations["g1"])
    assert (await ensure_on_roster(of(other, "g1"), read_bundle(here.bundle))).is_live("g1")


async def test_of_two_first_generations_at_once_one_is_live_and_the_other_is_refused(
    kafka_settings, tmp_path, monkeypatch
):
    here = kafka_settings.model_copy(update={"generation": "g1", "bundle": bundle_of(tmp_path / "first")})
    await create_topics(here)

    async def overtaken(settings, live):
        await write_live(settings, live)
        await write_generation(settings, Generation(name="g9", bundle="demo", digest="d"))
        await write_live(settings, Live(generation="g9"))

    monkeypatch.setattr(joining, "write_live", overtaken)
    with pytest.raises(UnknownGenerationError, match=r"\('g9'\)"):
        await ensure_on_roster(here, read_bundle(here.bundle))


async def test_a_worker_takes_bundle_and_settings_of_its_generation(settings, tmp_path):
    other = bundle_of(tmp_path / "other", 16)
    await begin(settings, Plan(name="g2", bundle=other, overrides={"search_limit": "64"}))
    chosen = await settings_on_roster(of(settings, "g2"), chosen=True)
    assert (chosen.generation, chosen.bundle, chosen.search_limit) == ("g2", other, 64)
    named = of(settings, "g2").model_copy(update={"bundle": settings.bundle})
    assert (await settings_on_roster(named, chosen=False)).bundle == settings.bundle
    with pytest.raises(SettingsError, match="name of a generation"):
        await begin(settings, Plan(name="listings"))
