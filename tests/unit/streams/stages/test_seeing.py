"""Several photos, captions and tags: what is made of which content, what is kept, and what goes with it."""

from dataclasses import replace

import pytest
from fakes.bench import Bench, embedded
from fakes.chaos import CrashError
from fakes.rows import bits
from fakes.seeing_encoder import DENSE, LOOKS
from fakes.seen import MUG, OF_PHOTOS, OF_WORDS, TAGS, bench, forwarded, said, seen, stands

from encoders.types import NOTHING_GENERATED, Generated, Modality
from streams.events import Listing
from streams.index import Change
from streams.stages import state
from streams.stages.contents import Looks, contents_of, seals_of

LISTED = {"title": "red mug", "image": "a.jpg", "images": ["b.jpg", "a.jpg", "c.jpg"]}


@pytest.mark.parametrize(
    ("looks", "fields", "contents"),
    [
        (LOOKS, LISTED, {"title": "red mug", "image": "a.jpg\0b.jpg", "words": "red mug"}),
        (LOOKS, {**LISTED, "title": "mug"}, {"title": "mug", "image": "a.jpg\0b.jpg", "words": "mug\0a.jpg\0b.jpg"}),
        (LOOKS, {"images": ["b.jpg"]}, {"image": "b.jpg", "words": "\0b.jpg"}),
        (LOOKS, {"title": "mug"}, {"title": "mug", "words": "mug"}),
        (replace(LOOKS, photos=1), LISTED, {"title": "red mug", "image": "a.jpg", "words": "red mug"}),
        (Looks(), {**LISTED, "title": "mug"}, {"title": "mug", "image": "a.jpg"}),
        (Looks(frozenset({Modality.TEXT})), LISTED, {"title": "red mug"}),
        (Looks(frozenset({Modality.JOINT_IMAGE})), LISTED, {"image": "a.jpg"}),
    ],
)
def test_contents_are_what_the_bundle_looks_at(looks, fields, contents):
    assert contents_of(Listing(listing_id="a", **fields), looks) == contents


def test_a_seal_covers_what_models_say():
    contents, one = {"image": "mug 1", "words": "\0mug 1"}, seen(None, "mug 1")
    seals = seals_of(contents, one.embedding, one.generated)
    other_caption = seals_of(contents, one.embedding, replace(one.generated, caption="a cup"))
    other_tags = seals_of(contents, one.embedding, replace(one.generated, tags={}))
    assert (other_caption["image"], other_tags["words"]) == (seals["image"], seals["words"])
    assert len({other["words"] for other in (seals, other_caption)}) == 2
    assert len({other["image"] for other in (seals, other_tags)}) == 2


def test_a_seal_does_not_depend_on_the_order_in_which_a_store_keeps_tags():
    one = seen(None, "mug 1")
    turned = replace(one.generated, tags=dict(reversed(one.generated.tags.items())))
    assert seals_of({"image": "mug 1"}, one.embedding, one.generated) == seals_of(
        {"image": "mug 1"}, one.embedding, turned
    )


async def test_what_a_listing_without_title_shows_is_told_beside_what_its_seller_said():
    one = bench()
    [event] = embedded(await one.embed(one.message("a", MUG)))
    assert event.generated == Generated("a mug", TAGS)
    assert set(event.embedding) == OF_PHOTOS | OF_WORDS
    assert set(event.seals) == {"image", "words"}
    assert event.listing == {"listing_id": "a", **MUG}
    await one.put(one.message("a", MUG))
    await stands(one, seen(None, "mug 1", "mug 2"))
    payload = (await one.point("a")).payload
    assert payload[state.GENERATED] == event.generated.to_json()
    assert "title" not in payload[state.LISTING]


async def test_a_new_price_makes_no_caption_again_and_looks_at_no_photo():
    one = bench()
    await one.put(one.message("a", MUG))
    one.images.fetched.clear()
    [event] = embedded(await one.embed(one.message("a", {**MUG, "price": "6", "version": 2})))
    assert (one.encoder.encoded, one.encoder.captioned, one.images.fetched) == (1, 1, [])
    assert event.generated == Generated("a mug", TAGS)
    assert event.seals == (await one.point("a")).payload[state.SEALS]


async def test_a_title_that_says_enough_takes_the_caption_away_and_leaves_the_tags():
    one = bench()
    await one.put(one.message("a", MUG))
    one.images.fetched.clear()
    await one.put(one.message("a", {**MUG, "title": "red mug", "version": 2}))
    assert one.images.fetched == []
    assert await said(one) == Generated(None, TAGS)
    await stands(one, seen("red mug", "mug 1", "mug 2"))
    await one.put(one.message("a", {**MUG, "title": "mug", "version": 3}))
    await stands(one, seen("mug", "mug 1", "mug 2"))
    assert (await said(one)).caption == "a mug"


async def test_another_short_title_leaves_the_rows_of_the_photos_as_they_are():
    one = bench()
    await one.put(one.message("a", {**MUG, "title": "mug"}))
    seals = (await one.point("a")).payload[state.SEALS]
    one.encoder._photo = lambda _file: seen(None, "lamp 1").embedding[Modality.IMAGE]
    [event] = embedded(await one.embed(one.message("a", {**MUG, "title": "cup", "version": 2})))
    assert bits({m: event.embedding[m] for m in OF_PHOTOS}) == bits(
        {m: (await one.point("a")).raw[m] for m in OF_PHOTOS}
    )
    assert (event.seals["image"], event.generated.caption) == (seals["image"], "a mug")


@pytest.mark.parametrize("later", [{"title": "red mug", "version": 2}, None], ids=["no photo", "withdrawn"])
async def test_nothing_is_left_of_what_models_said_of_photos_that_are_gone(later):
    one = bench()
    await one.put(one.message("a", MUG))
    await one.put(one.message("a", later))
    assert state.GENERATED not in (await one.point("a")).payload


async def test_an_older_event_takes_nothing_away():
    one = bench()
    late = await one.embed(one.message("a", {"title": "red mug", "version": 0}))
    await one.put(one.message("a", MUG))
    await forwarded(one, late)
    await stands(one, seen(None, "mug 1", "mug 2"))


async def test_what_does_not_belong_to_its_seal_is_not_taken_for_what_models_said():
    one = bench()
    await one.put(one.message("a", MUG))
    await one.index.write([Change("a", payload={state.GENERATED: Generated("a cup", TAGS).to_json()})])
    [event] = embedded(await one.embed(one.message("a", {**MUG, "price": "6", "version": 2})))
    assert (event.generated, one.encoder.captioned) == (Generated("a mug", TAGS), 2)


@pytest.mark.parametrize("step", ["record", "rows", "payload", "forget"])
async def test_a_change_that_is_cut_off_leaves_nothing_that_is_taken_for_whole(step):
    one = bench()
    await one.put(one.message("a", MUG))
    update = {**MUG, "title": "blue mug", "version": 2}
    one.crash_before(step, "a")
    with pytest.raises(CrashError):
        await one.put(one.message("a", update))
    [event] = embedded(await one.embed(one.message("a", {**update, "price": "9", "version": 3})))
    wanted = seen("blue mug", "mug 1", "mug 2")
    assert (bits(event.embedding), event.generated) == (bits(wanted.embedding), wanted.generated)


@pytest.mark.parametrize("step", ["record", "rows", "payload", "forget", "deliver"])
async def test_what_models_said_before_does_not_come_back_after_a_change_that_was_cut_off(step):
    one = bench()
    await one.put(one.message("a", {**MUG, "title": "mug"}))
    letters = await one.embed(one.message("a", {"title": "mug", "image": "missing", "version": 2}))
    one.crash_before(step, "a")
    with pytest.raises(CrashError):
        await forwarded(one, letters)
    await forwarded(one, letters)
    assert state.GENERATED not in (await one.point("a")).payload


async def test_a_point_from_before_anything_was_generated_is_as_it_was():
    one = Bench()
    await one.put(one.message("a", {"title": "red mug", "image": "mug 1", "version": 1}))
    point = await one.point("a")
    assert state.GENERATED not in point.payload
    assert await said(one) == NOTHING_GENERATED
    assert set(point.payload[state.SEALS]) == {"title", "image"}
    assert {len(seal.split(".")) for seal in point.payload[state.SEALS].values()} == {2}


async def test_rows_that_no_decision_is_made_on_are_stored_once():
    one = bench()
    await one.publish(one.message("a", {**MUG, "title": "red mug"}), one.message("b", MUG))
    titled, untitled = await one.point("a"), await one.point("b")
    assert set(titled.raw) == {*DENSE, Modality.LEXICAL, Modality.LEXICAL_OR_CAPTION}
    assert set(titled.raw) - set(titled.blended) == {Modality.JOINT_TEXT}
    assert untitled.blended.keys() == untitled.raw.keys() == OF_PHOTOS | OF_WORDS
