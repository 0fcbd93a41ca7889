"""Dropping generations on a real broker, cut off at every step."""

import pytest
from aiokafka import AIOKafkaConsumer
from fakes.second_generation import as_left, cut_off, half_done, live_generation, of

from encoders.types import Modality
from streams.brokers.group_keeping import commit_offsets, groups_of
from streams.brokers.groups import new_group_reader
from streams.brokers.roster import read_roster, write_live
from streams.brokers.topics import Aside, StageName, Topics, group_of
from streams.errors import GenerationInUseError, UnknownGenerationError
from streams.events.generations import Live, Source
from streams.index.opening import open_index
from streams.reindex import dropping
from streams.reindex.beginning import begin, has_index, topics_there
from streams.reindex.dropping import drop
from streams.reindex.planning import Plan

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    return await live_generation(kafka_settings, tmp_path)


async def test_drop_leaves_nothing_and_the_name_is_free_again(settings):
    await half_done(settings)
    there = of(settings, "g2")
    await begin(settings, Plan(name="g2"))
    await (await open_index(of(settings, "g1"), {Modality.TEXT: 8})).close()
    await (await open_index(there, {Modality.TEXT: 8})).close()
    await commit_offsets(there, group_of(there, Aside.FOLLOW_MATCHES), Topics(there).matches.name, {0: 0})
    assert (await drop(settings, "g2")).collection
    assert await as_gone(settings, "g2")
    with pytest.raises(UnknownGenerationError, match="'g2'"):
        await drop(settings, "g2")
    begun = await begin(settings, Plan(name="g2", source=Source.LISTINGS))
    assert not begun.resumed
    assert (await as_left(settings, "g2"))[1] == {}


async def as_gone(settings, name):
    there, names = of(settings, name), Topics(of(settings, name))
    async with new_group_reader(there) as reader:
        kept = [
            await reader.committed(names.listings.name, group_of(there, StageName.EMBED)),
            await reader.committed(names.matches.name, group_of(there, Aside.FOLLOW_MATCHES)),
        ]
    left = await topics_there(there), await has_index(there), name in (await read_roster(settings)).generations
    return not any([*left, *kept])


@pytest.mark.parametrize("step", ["drop_index", "delete_groups", "remove_topics", "remove_generation"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_drop_that_is_cut_off_anywhere_is_carried_on_with(settings, monkeypatch, step, when):
    await half_done(settings)
    await begin(settings, Plan(name="g2"))
    await cut_off(dropping, step, when, monkeypatch, drop(settings, "g2"))
    if step == "remove_generation" and when == "after":
        with pytest.raises(UnknownGenerationError):
            await drop(settings, "g2")
    else:
        await drop(settings, "g2")
    assert await as_gone(settings, "g2")
    assert set(await topics_there(settings)) == {one.name for one in Topics(settings).internal()}


async def test_the_previous_one_may_go_and_then_there_is_no_way_back(settings):
    await begin(settings, Plan(name="g2", source=Source.LISTINGS))
    await write_live(settings, Live(generation="g2", previous="g1", promotion=1))
    assert (await drop(settings, "g1")).was_previous
    live = (await read_roster(settings)).live
    assert (live.generation, live.previous, live.promotion) == ("g2", "", 1)


async def test_one_with_workers_is_not_dropped(settings):
    await begin(settings, Plan(name="g2"))
    there = of(settings, "g2")
    worker = AIOKafkaConsumer(
        Topics(there).rematch.name,
        bootstrap_servers=settings.brokers,
        group_id=group_of(there, StageName.MATCH),
        session_timeout_ms=60_000,
    )
    await worker.start()
    try:
        async with new_group_reader(there) as reader:
            assert sum((await reader.members(groups_of(there))).values()) == 1
        with pytest.raises(GenerationInUseError, match=r"g2\.match"):
            await drop(settings, "g2")
    finally:
        await worker.stop()
    await drop(settings, "g2")


async def test_one_that_is_filled_from_another_keeps_it(settings):
    await begin(settings, Plan(name="g2"))
    await begin(settings, Plan(name="g3", source=Source.LISTINGS))
    await write_live(settings, Live(generation="g3", promotion=1))
    with pytest.raises(GenerationInUseError, match="'g2' is filled from"):
        await drop(settings, "g1")
