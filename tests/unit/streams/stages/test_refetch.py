"""Photos that could not be had for a while: who asks for them again, how often, and what comes of it."""

import logging
from dataclasses import replace

import pytest
from fakes.bench import Bench, embedded
from fakes.hash_encoder import HashEncoder

from encoders.types import Content, Modality
from streams.events import Message
from streams.events.refetches import Refetch
from streams.events.rows import same_rows
from streams.stages import Channel

SHOE = {"title": "red shoe", "image": "shoe 1", "price": "10", "currency": "EUR", "version": 1}
WHOLE = HashEncoder().encode([Content("red shoe", b"shoe 1")])[0].embedding


def troubled(_reference):
    return True


def well(_reference):
    return False


def asked(letters):
    """What is to be fetched again: each with the partition it waits in."""
    some = [one for one in letters if one.channel is Channel.REFETCH]
    return [(Refetch.from_message(Message("refetch", one.key, one.value, headers=one.headers)), one) for one in some]


async def trouble(bench, *messages):
    """Publish while the host is troubled; what is to be fetched again. The host is well afterwards."""
    bench.images.troubled = troubled
    letters = await bench.embed(*messages)
    await bench.apply(*[one for one in letters if one.channel is Channel.EMBEDDINGS])
    bench.images.troubled = well
    return [letter for _, letter in asked(letters)]


async def applied(bench, letters):
    await bench.apply(*[one for one in letters if one.channel is Channel.EMBEDDINGS])


async def test_a_listing_goes_on_without_its_photo_which_is_asked_for_again():
    bench = Bench()
    bench.images.troubled = troubled
    letters = await bench.embed(bench.message("a", SHOE))
    [event] = embedded(letters)
    assert set(event.embedding) == {Modality.TEXT, Modality.LEXICAL}
    assert "503" in event.failures["image"]
    [(request, letter)] = asked(letters)
    assert (request.attempt, letter.partition, letter.key) == (1, 0, b"a")
    assert request.event.to_bytes() == event.to_bytes()


@pytest.mark.parametrize("image", ["missing", "broken"])
async def test_what_stays_as_it_is_is_not_asked_for_again(image):
    bench = Bench()
    assert asked(await bench.embed(bench.message("a", {**SHOE, "image": image}))) == []


async def test_where_nobody_fetches_again_nobody_asks():
    bench = Bench()
    bench.dependencies = replace(bench.dependencies, image_refetches=0)
    bench.images.troubled = troubled
    assert asked(await bench.embed(bench.message("a", SHOE))) == []


async def test_a_withdrawal_in_the_same_batch_is_not_asked_for():
    bench = Bench()
    bench.images.troubled = troubled
    [(request, _)] = asked(await bench.embed(bench.message("a", SHOE), bench.message("a")))
    assert request.event.listing is not None


async def test_a_photo_that_is_there_again_completes_the_same_version():
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    letters = await bench.refetch(*again)
    [event] = embedded(letters)
    assert asked(letters) == []
    assert same_rows(event.embedding, WHOLE)
    assert (set(event.seals), event.failures) == ({"title", "image"}, {})
    await applied(bench, letters)
    point = await bench.point("a")
    assert same_rows(point.raw, WHOLE)
    assert point.payload["failures"] == {}
    assert bench.encoder.encoded == 2, "the title is not encoded again"


async def test_the_index_stage_need_not_have_seen_the_listing():
    bench = Bench()
    bench.images.troubled = troubled
    first = await bench.embed(bench.message("a", SHOE))
    bench.images.troubled = well
    later = await bench.refetch(*[letter for _, letter in asked(first)])
    await applied(bench, later)
    await applied(bench, first)
    assert same_rows((await bench.point("a")).raw, WHOLE)


async def test_each_failure_waits_one_partition_further_until_it_is_too_often(caplog):
    bench = Bench()
    letters = await trouble(bench, bench.message("a", SHOE))
    bench.images.troubled = troubled
    for attempt in (2, 3):
        letters = await bench.refetch(*letters)
        assert embedded(letters) == []
        [(request, letter)] = asked(letters)
        assert (request.attempt, letter.partition) == (attempt, attempt - 1)
    with caplog.at_level(logging.WARNING):
        assert await bench.refetch(*letters) == []
    assert (
        "listing 'a' was fetched again 3 times, or its caption tried; it waits for the listing's next update"
        in caplog.text
    )


async def test_a_photo_that_is_gone_for_good_is_told_and_not_asked_for_again():
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    bench.images.missing = "shoe"
    letters = await bench.refetch(*again)
    assert asked(letters) == []
    await applied(bench, letters)
    point = await bench.point("a")
    assert "404" in point.payload["failures"]["image"]
    assert set(point.raw) == {Modality.TEXT, Modality.LEXICAL}


OVERTAKEN = {
    "another photo": {"version": 2, "image": "shoe 2"},
    "no photo": {"version": 2, "image": None},
    "another price": {"version": 2, "price": "12"},
}


@pytest.mark.parametrize("update", OVERTAKEN.values(), ids=OVERTAKEN)
async def test_what_a_newer_version_has_overtaken_is_left(update):
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    await bench.put(bench.message("a", {**SHOE, **update}))
    bench.images.fetched.clear()
    assert await bench.refetch(*again) == []
    assert bench.images.fetched == []


@pytest.mark.parametrize("headers", [{}, {"version": b"2"}])
async def test_what_was_withdrawn_is_left(headers):
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    await bench.put(bench.message("a", headers=headers))
    assert await bench.refetch(*again) == []
    assert bench.images.fetched == ["shoe 1"]


async def test_what_is_overtaken_while_it_is_fetched_is_not_sent():
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    inner = bench.dependencies.encode

    async def encode(contents):
        bench.dependencies = replace(bench.dependencies, encode=inner)
        await bench.put(bench.message("a", {**SHOE, "version": 2, "image": "shoe 2"}))
        return await inner(contents)

    bench.dependencies = replace(bench.dependencies, encode=encode)
    assert await bench.refetch(*again) == []


async def test_an_overtaken_event_that_comes_late_changes_nothing():
    bench = Bench()
    late = await bench.refetch(*await trouble(bench, bench.message("a", SHOE)))
    await bench.put(bench.message("a", {**SHOE, "version": 2, "image": "shoe 2"}))
    before = await bench.point("a")
    await applied(bench, late)
    after = await bench.point("a")
    assert same_rows(after.raw, before.raw)
    assert after.payload == before.payload


async def test_an_update_that_keeps_the_photo_asks_for_it_itself():
    bench = Bench()
    first = await trouble(bench, bench.message("a", SHOE))
    second = await trouble(bench, bench.message("a", {**SHOE, "version": 2, "price": "12"}))
    assert await bench.refetch(*first) == []
    await applied(bench, await bench.refetch(*second))
    point = await bench.point("a")
    assert same_rows(point.raw, WHOLE)
    assert point.payload["listing"]["price"] == "12"


async def test_of_one_listing_only_the_newest_version_is_fetched():
    bench = Bench()
    bench.images.troubled = troubled
    old = await bench.embed(bench.message("a", SHOE))
    new = await bench.embed(bench.message("a", {**SHOE, "version": 2, "image": "shoe 2"}))
    bench.images.troubled = well
    bench.images.fetched.clear()
    [event] = embedded(await bench.refetch(*[letter for _, letter in (*asked(new), *asked(old), *asked(new))]))
    assert bench.images.fetched == ["shoe 2"]
    assert event.version.number == 2


async def test_a_photo_that_came_in_the_meantime_is_not_fetched_again():
    bench = Bench()
    again = await trouble(bench, bench.message("a", SHOE))
    await applied(bench, await bench.refetch(*again))
    bench.images.fetched.clear()
    [event] = embedded(await bench.refetch(*again))
    assert bench.images.fetched == []
    assert same_rows(event.embedding, WHOLE)


async def test_what_nobody_of_ours_wrote_is_laid_aside_and_the_rest_goes_on():
    bench = Bench()
    [good] = await trouble(bench, bench.message("a", SHOE))
    bad = [replace(good, value=b"{}"), *(replace(good, headers={"attempt": one}) for one in (b"", b"0", b"\xff", None))]
    letters = await bench.refetch(*bad, good)
    assert [one.value for one in letters if one.channel is Channel.DEAD_LETTERS] == [one.value for one in bad]
    assert len(embedded(letters)) == 1


async def test_each_photo_of_a_batch_ends_in_its_own_way():
    bench = Bench()
    shoe, mug = bench.message("a", SHOE), bench.message("b", {"title": "mug", "image": "mug 1", "version": 1})
    again = await trouble(bench, shoe, mug)
    bench.images.troubled = lambda reference: reference == "mug 1"
    letters = await bench.refetch(*again)
    assert [event.listing_id for event in embedded(letters)] == ["a"]
    assert [request.event.listing_id for request, _ in asked(letters)] == ["b"]
