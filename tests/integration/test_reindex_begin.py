"""Beginning and dropping generations on a real broker, cut off at every step."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import PolicyViolationError

from encoders.bundle import LexicalSpec, Manifest, TextSpec, read_bundle, write_bundle
from encoders.types import Modality
from streams.brokers.admin import create_topics
from streams.brokers.group_keeping import commit_offsets, groups_of
from streams.brokers.groups import lag_of, new_group_reader
from streams.brokers.producer import Publisher
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.roster import read_roster, write_generation, write_live
from streams.brokers.topics import REFETCH, Aside, StageName, Topics, group_of
from streams.errors import GenerationInUseError, GenerationSourceError, SettingsError, UnknownGenerationError
from streams.events.generations import Generation, Live, Source, Step
from streams.index.opening import open_index
from streams.reindex import beginning, dropping, joining
from streams.reindex.beginning import begin, has_index, topics_there
from streams.reindex.dropping import drop
from streams.reindex.joining import ensure_on_roster, settings_on_roster
from streams.reindex.planning import Plan
from streams.reindex.progress import look

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


class KilledError(Exception):
    """Stands for SIGKILL."""


def bundle_of(folder, dimensions=8, **matching):
    manifest = Manifest(
        text=TextSpec("light"), lexical=LexicalSpec(), dimensions={Modality.TEXT: dimensions}, matching=matching
    )
    return str(write_bundle(folder, manifest, {}).path)


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    """Those of a live generation `g1`."""
    mine = {"generation": "g1", "bundle": bundle_of(tmp_path / "first"), "index_path": tmp_path / "index"}
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
    """Give a topic these settings beside those it was declared with."""
    told = {**topic.configuration, **{name.replace("_", "."): value for name, value in changes.items()}}
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, told)])
    await admin.close()


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


async def test_from_listings_a_generation_has_topics_of_its_own_and_begins_at_the_beginning(settings, tmp_path):
    await half_done(settings)
    begun = await begin(settings, Plan(name="g2", bundle=bundle_of(tmp_path / "other", 16)))
    assert begun.generation.source is Source.LISTINGS
    assert not begun.generation.bounds
    topics, embed, photos, _ = await as_left(settings, "g2")
    assert topics == {one.name for one in Topics(of(settings, "g2")).internal()}
    assert (embed, photos) == ({}, set())


async def test_from_embeddings_it_goes_on_where_the_live_one_is(settings, tmp_path):
    acknowledged = await half_done(settings)
    begun = await begin(settings, Plan(name="g2", bundle=bundle_of(tmp_path / "other", fusion="noisy_or")))
    assert (begun.generation.source, begun.generation.origin, begun.photos) == (Source.EMBEDDINGS, "g1", 4)
    _, embed, photos, bounds = await as_left(settings, "g2")
    assert embed == acknowledged
    assert bounds == await end_offsets(settings, Topics(settings).embeddings.name)
    assert sum(bounds.values()) == 20
    assert photos == {(0, b"k2", b"v2"), (3, b"k0", b"v0"), (3, b"k1", b"v1"), (3, b"k2", b"v2")}


async def test_it_gets_as_many_partitions_as_the_live_one_whatever_this_shell_says(settings):
    await begin(settings.model_copy(update={"partitions": 2}), Plan(name="g2"))
    assert len(await end_offsets(settings, Topics(of(settings, "g2")).rematch.name)) == 4


@pytest.mark.parametrize(
    "step", ["delete_groups", "create_topics", "commit_offsets", "_take_over_photos", "write_generation"]
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_beginning_that_is_cut_off_anywhere_is_carried_on_with(settings, monkeypatch, step, when):
    await half_done(settings)
    whole = await begin(settings, Plan(name="whole"))
    await cut_off(beginning, step, when, monkeypatch, begin(settings, Plan(name="g2")))
    if (await read_roster(settings)).generations.get("g2") is None:
        with pytest.raises(UnknownGenerationError, match="reindex start g2"):
            await settings_on_roster(of(settings, "g2"), chosen=True)
    again = await begin(settings, Plan(name="g2"))
    assert again.already == (step == "write_generation" and when == "after")
    _, embed, photos, bounds = await as_left(settings, "g2")
    assert (embed, photos) == (await as_left(settings, "whole"))[1:3]
    assert bounds == whole.generation.bounds


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


async def test_one_that_was_cut_off_says_so_and_the_same_again_does_nothing(settings, monkeypatch):
    await cut_off(beginning, "write_generation", "before", monkeypatch, begin(settings, Plan(name="g2")))
    assert (await begin(settings, Plan(name="g2"))).resumed
    again = await begin(settings, Plan(name="g2", bundle=settings.bundle, source=Source.EMBEDDINGS))
    assert again.already
    assert not again.resumed


async def test_a_name_in_use_is_refused(settings, tmp_path):
    await begin(settings, Plan(name="g2", overrides={"search_limit": "64"}))
    for other in (
        Plan(name="g2", bundle=bundle_of(tmp_path / "other", 16)),
        Plan(name="g2", overrides={"search_limit": "65"}),
        Plan(name="g2", source=Source.LISTINGS),
        Plan(name="g1", overrides={"product_limit": "7"}),
    ):
        with pytest.raises(GenerationInUseError, match="begun already"):
            await begin(settings, other)


async def test_what_is_left_of_another_one_is_in_the_way_until_it_is_dropped(settings):
    there = of(settings, "g2")
    await create_topics(there)
    await send(there, Topics(there).rematch.name, 1)
    with pytest.raises(GenerationInUseError, match="reindex drop g2"):
        await begin(settings, Plan(name="g2"))
    assert (await drop(settings, "g2")).topics
    for one in (settings, there):  # the first one that is opened is the live one
        await (await open_index(one, {Modality.TEXT: 8})).close()
    with pytest.raises(GenerationInUseError, match="a collection"):
        await begin(settings, Plan(name="g2"))
    assert (await drop(settings, "g2")).collection
    assert not (await begin(settings, Plan(name="g2"))).resumed


async def test_nothing_is_begun_where_nobody_is_live(kafka_settings):
    await create_topics(kafka_settings)
    with pytest.raises(UnknownGenerationError, match="matchstream worker"):
        await begin(kafka_settings, Plan(name="g2"))


async def test_nothing_is_begun_while_a_promotion_is_under_way(settings):
    await write_live(settings, Live(generation="", coming="g1", step=Step.WITHDRAWING))
    with pytest.raises(GenerationInUseError, match="reindex promote g1"):
        await begin(settings, Plan(name="g2"))


@pytest.mark.parametrize(
    ("topic", "source", "remedy"),
    [
        ("listings", Source.LISTINGS, "--from embeddings"),
        ("judgements", Source.LISTINGS, "--allow-gaps"),
        ("judgements", Source.EMBEDDINGS, "--allow-gaps"),
        ("embeddings", Source.EMBEDDINGS, "--from listings"),
    ],
)
async def test_a_topic_whose_beginning_was_deleted_is_found(settings, topic, source, remedy):
    await delete_beginning(settings, getattr(Topics(settings), topic))
    with pytest.raises(GenerationSourceError, match=f"begins at offset 3.*{remedy}"):
        await begin(settings, Plan(name="g2", source=source))
    assert not await topics_there(of(settings, "g2"))
    assert (await begin(settings, Plan(name="g2", source=source, gaps=True))).generation.source is source


async def test_listings_whose_beginning_was_deleted_do_not_matter_where_rows_are_taken(settings):
    await delete_beginning(settings, Topics(settings).listings)
    assert (await begin(settings, Plan(name="g2"))).generation.source is Source.EMBEDDINGS


async def test_listings_that_are_gone_for_new_encoders_have_to_be_published_again(settings, tmp_path):
    await delete_beginning(settings, Topics(settings).listings)
    with pytest.raises(GenerationSourceError, match="publish all listings once more"):
        await begin(settings, Plan(name="g2", bundle=bundle_of(tmp_path / "other", 16)))


async def test_a_topic_that_loses_its_beginning_in_time_is_named(settings):
    names = Topics(settings)
    assert not (await begin(settings, Plan(name="g2"))).deleting
    await configure(settings, names.judgements, cleanup_policy="compact,delete")
    await configure(settings, names.listings, cleanup_policy="delete", retention_ms="-1")
    assert (await begin(settings, Plan(name="g3", source=Source.LISTINGS))).deleting == (names.judgements.name,)


async def test_compaction_leaves_the_beginning_where_it_is(settings):
    listings = Topics(settings).listings
    eager = {"segment_bytes": "1048576", "min_cleanable_dirty_ratio": "0.001", "segment_ms": "100"}
    await configure(settings, listings, **eager)
    for _ in range(3):  # a segment ends when something is written after its time
        async with Publisher(settings) as publisher:
            for number in range(400):
                await publisher.send(listings.name, b"k%d" % (number % 5), b"x" * 1_000, partition=1)
    while sum((await contents(settings, listings.name)).values()) >= 1_200:  # noqa: ASYNC110 - brokers have no event
        await asyncio.sleep(0.5)
    async with new_group_reader(settings) as reader:
        assert set((await reader.starts(listings.name)).values()) == {0}
    assert (await begin(settings, Plan(name="g2", source=Source.LISTINGS))).generation.name == "g2"


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
        Topics(there).rematch.name, bootstrap_servers=settings.brokers, group_id=group_of(there, StageName.MATCH)
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


async def test_progress_counts_what_went_through_the_index(settings):
    await half_done(settings)
    begun = await begin(settings, Plan(name="g2"))
    there, roster = of(settings, "g2"), await read_roster(settings)
    async with new_group_reader(there) as reader:
        first = await look(reader, there, roster)
        assert (first.done, first.total) == (0, 20)
        assert set(first.idle) == {*StageName, *Aside}
        embeddings = Topics(settings).embeddings.name
        await commit_offsets(there, group_of(there, Aside.COPY), embeddings, begun.generation.bounds)
        await send(there, Topics(there).embeddings.name, 5)
        last = await look(reader, there, roster)
        assert (last.done, last.total) == (15, 20)
        behind = {one.reader: one.behind for one in last.readings}
        assert (behind["copy"], behind["index"]) == (0, 5)
        assert behind["index"] == await lag_of(there, Topics(there).embeddings.name, group_of(there, StageName.INDEX))


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
