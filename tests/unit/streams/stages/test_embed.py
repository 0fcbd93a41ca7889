"""The embed stage: what is encoded and what is not, what goes on and what goes to the dead letters."""

from dataclasses import replace

import pytest
from fakes.bench import POLICY, Bench, embedded, key_of
from fakes.hash_encoder import HashEncoder

from encoders.types import Content, Modality
from streams.events import Message
from streams.events.rows import same_rows
from streams.stages import Channel

SHOE = {"title": "red shoe", "image": "shoe 1", "price": "10", "currency": "EUR", "version": 1}
BROKEN = [
    Message("listings", b"a", b"{not json", partition=3, offset=17, timestamp_ms=5, headers={"trace": b"\xff\x00"}),
    Message("listings", None, b'{"listing_id": "a", "title": "x"}', partition=1, offset=2),
    Message("listings", b"a", b'{"listing_id": "b", "title": "x"}'),
    Message("listings", b"a", b'{"listing_id": "a"}'),
    Message("listings", b"\xff", b'{"listing_id": "a", "title": "x"}'),
    Message("listings", b"a", None, headers={"version": b"soon"}),
]


def rows_of(title=None, image=None):
    return HashEncoder().encode([Content(title, image)])[0].embedding


@pytest.mark.parametrize("message", BROKEN, ids=["json", "no key", "wrong key", "no content", "not utf-8", "version"])
async def test_what_cannot_be_read_is_a_dead_letter_with_its_original_bytes(message):
    [letter] = await Bench().embed(message)
    assert (letter.channel, letter.key, letter.value) == (Channel.DEAD_LETTERS, message.key, message.value)
    assert {name: letter.headers[name] for name in message.headers} == dict(message.headers)
    assert letter.headers["matchstream.reason"]


async def test_a_dead_letter_says_where_it_came_from():
    [letter] = await Bench().embed(BROKEN[0])
    place = {name.removeprefix("matchstream."): value for name, value in letter.headers.items()}
    assert place.pop("reason").startswith(b"listing 'a': no JSON")
    assert place == {
        "topic": b"listings", "partition": b"3", "offset": b"17", "timestamp-ms": b"5", "trace": b"\xff\x00"
    }  # fmt: skip


async def test_the_good_ones_beside_a_bad_one_go_on():
    bench = Bench()
    letters = await bench.embed(bench.message("a", SHOE), *BROKEN, bench.message("b", {"title": "blue mug"}))
    assert [key_of(one) for one in letters if one.channel is Channel.EMBEDDINGS] == ["a", "b"]
    assert sum(one.channel is Channel.DEAD_LETTERS for one in letters) == len(BROKEN)


async def test_a_listing_is_sent_complete_as_it_came():
    bench = Bench()
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "color": {"name": "red"}})))
    assert event.listing == {"listing_id": "a", **SHOE, "color": {"name": "red"}}
    assert same_rows(event.embedding, rows_of("red shoe", b"shoe 1"))
    assert set(event.seals) == {"title", "image"}
    assert event.failures == {}


async def test_a_listing_that_came_several_times_in_a_batch_is_encoded_once_as_its_newest_version():
    bench = Bench()
    first, second = bench.message("a", SHOE), bench.message("a", {**SHOE, "title": "blue shoe", "version": 2})
    [event] = embedded(await bench.embed(second, first, second, first))
    assert event.listing["title"] == "blue shoe"
    assert bench.encoder.encoded == 1


async def test_of_equal_versions_the_first_record_is_told():
    bench = Bench()
    first = bench.message("a", SHOE)
    again = replace(first, timestamp_ms=99)
    [event] = embedded(await bench.embed(again, first))
    assert event.position.timestamp_ms == first.timestamp_ms


async def test_a_withdrawal_needs_no_encoder():
    bench = Bench()
    [event] = embedded(await bench.embed(bench.message("a", headers={"version": b"7"})))
    assert (event.listing, event.embedding, event.version.number, event.version.withdrawn) == (None, {}, 7, True)
    assert bench.encoder.encoded == 0


async def test_a_withdrawal_without_version_is_told_beside_the_listing_and_only_the_last_one():
    bench = Bench()
    early, listing, late = bench.message("a"), bench.message("a", SHOE), bench.message("a")
    events = embedded(await bench.embed(late, listing, early))
    assert [(event.version is None, event.position.timestamp_ms) for event in events] == [(False, 2), (True, 3)]


async def test_a_price_only_update_is_not_encoded_and_carries_the_same_rows():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    before = await bench.point("a")
    bench.images.fetched.clear()
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "price": "12", "version": 2})))
    assert bench.encoder.encoded == 1
    assert bench.images.fetched == []
    assert same_rows(event.embedding, before.raw)
    assert event.seals == before.payload["seals"]
    assert event.listing["price"] == "12"


async def test_a_new_title_is_encoded_and_the_image_is_not_fetched():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    bench.images.fetched.clear()
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "title": "green shoe", "version": 2})))
    assert bench.images.fetched == []
    assert same_rows(event.embedding, rows_of("green shoe", b"shoe 1"))


async def test_a_new_image_is_fetched_and_the_title_kept():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "image": "shoe 2", "version": 2})))
    assert bench.images.fetched == ["shoe 1", "shoe 2"]
    assert same_rows(event.embedding, rows_of("red shoe", b"shoe 2"))


async def test_a_title_that_is_gone_takes_its_rows_with_it():
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    [event] = embedded(await bench.embed(bench.message("a", {"image": "shoe 1", "version": 2})))
    assert set(event.embedding) == {Modality.IMAGE}
    assert set(event.seals) == {"image"}
    assert bench.encoder.encoded == 1


@pytest.mark.parametrize(("image", "reason"), [("missing", "404"), ("broken", "not an image")])
async def test_an_image_that_fails_leaves_the_text_and_is_named(image, reason):
    bench = Bench()
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "image": image})))
    assert same_rows(event.embedding, rows_of("red shoe"))
    assert set(event.seals) == {"title"}
    assert reason in event.failures["image"]


async def test_an_image_that_failed_is_fetched_again_when_the_listing_is_sent_again():
    bench = Bench()
    await bench.put(bench.message("a", {**SHOE, "image": "missing"}))
    encoded = bench.encoder.encoded
    [event] = embedded(await bench.embed(bench.message("a", {**SHOE, "image": "missing", "version": 2})))
    assert bench.images.fetched == ["missing", "missing"]
    assert same_rows(event.embedding, rows_of("red shoe"))
    assert "404" in event.failures["image"]
    assert bench.encoder.encoded == encoded, "there was nothing new to encode"


async def test_a_listing_with_nothing_but_an_image_that_fails_goes_on_without_rows():
    bench = Bench()
    [event] = embedded(await bench.embed(bench.message("a", {"image": "missing", "version": 1})))
    assert (event.embedding, event.seals) == ({}, {})
    assert "404" in event.failures["image"]


async def test_without_an_image_source_images_are_no_failure_and_nothing_is_encoded_twice():
    bench = Bench(POLICY, HashEncoder({Modality.TEXT: 8}))
    bench.dependencies = replace(bench.dependencies, images=None)
    [first] = embedded(await bench.embed(bench.message("a", SHOE)))
    await bench.put(bench.message("a", SHOE))
    encoded = bench.encoder.encoded
    [second] = embedded(await bench.embed(bench.message("a", {**SHOE, "version": 2})))
    assert first.failures == second.failures == {}
    assert same_rows(first.embedding, second.embedding)
    assert bench.encoder.encoded == encoded


@pytest.mark.parametrize("moment", ["rows", "payload"])
async def test_a_point_caught_between_its_rows_and_their_seals_is_encoded_again(moment):
    bench = Bench()
    await bench.put(bench.message("a", SHOE))
    old_again = bench.message("a", {**SHOE, "version": 3})
    caught = []

    async def embed_meanwhile():
        caught.extend(embedded(await bench.embed(old_again)))

    bench.before(moment, embed_meanwhile, "a")
    await bench.put(bench.message("a", {"title": "blue lamp", "image": "lamp 1", "version": 2}))
    assert same_rows(caught[0].embedding, rows_of("red shoe", b"shoe 1"))
    assert bench.encoder.encoded == (2 if moment == "rows" else 3)


async def test_listings_of_one_batch_are_encoded_together():
    bench = Bench()
    calls = []
    inner = bench.dependencies.encode

    async def encode(contents):
        calls.append(len(contents))
        return await inner(contents)

    bench.dependencies = replace(bench.dependencies, encode=encode)
    await bench.embed(*[bench.message(f"l{i}", {"title": f"title {i}"}) for i in range(5)])
    assert calls == [5]
