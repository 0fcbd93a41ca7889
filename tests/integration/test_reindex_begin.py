"""Beginning generations on a real broker, cut off at every step."""

import pytest
from fakes.compaction import until_compacted
from fakes.second_generation import (
    as_left,
    bundle_of,
    configure,
    cut_off,
    delete_beginning,
    half_done,
    live_generation,
    of,
    send,
)

from encoders.types import Modality
from streams.brokers.admin import create_topics
from streams.brokers.group_keeping import commit_offsets
from streams.brokers.groups import lag_of, new_group_reader
from streams.brokers.producer import Publisher
from streams.brokers.reader import end_offsets
from streams.brokers.roster import read_roster, write_live
from streams.brokers.topics import Aside, StageName, Topics, group_of
from streams.errors import GenerationInUseError, GenerationSourceError, UnknownGenerationError
from streams.events.generations import Live, Source, Step
from streams.index.opening import open_index
from streams.reindex import beginning
from streams.reindex.beginning import begin, topics_there
from streams.reindex.dropping import drop
from streams.reindex.joining import settings_on_roster
from streams.reindex.planning import Plan
from streams.reindex.progress import look

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    return await live_generation(kafka_settings, tmp_path)


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

    async def more():  # a segment ends when something is written after its time
        async with Publisher(settings) as publisher:
            for number in range(400):
                await publisher.send(listings.name, b"k%d" % (number % 5), b"x" * 1_000, partition=1)

    await more()
    await until_compacted(settings, listings.name, more)
    async with new_group_reader(settings) as reader:
        assert set((await reader.starts(listings.name)).values()) == {0}
    assert (await begin(settings, Plan(name="g2", source=Source.LISTINGS))).generation.name == "g2"


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
