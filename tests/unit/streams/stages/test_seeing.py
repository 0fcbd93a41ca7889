"""Several photos, captions and tags: what is made of which content, what is kept, and what goes with it."""

from dataclasses import replace

import pytest
from fakes.bench import Bench, embedded
from fakes.bursts import SEEN
from fakes.chaos import CrashError
from fakes.rows import bits
from fakes.seeing_encoder import DENSE, LOOKS, SeeingEncoder

from encoders.types import NOTHING_GENERATED, Content, Generated, Modality, Tag
from streams.events import Listing, Message
from streams.events.refetches import Refetch
from streams.index import Change
from streams.stages import Channel, state
from streams.stages.contents import Looks, contents_of, seals_of

MUG = {"images": ["mug 1", "mug 2"], "price": "5", "currency": "EUR", "version": 1}
OF_PHOTOS = {Modality.IMAGE, Modality.JOINT_IMAGE}
OF_WORDS = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
OF_TITLES = {Modality.TEXT, Modality.LEXICAL, Modality.JOINT_TEXT}
TAGS = {"category": Tag("mug", 0.9), "photos": Tag("2", 0.5)}


def seen(title, *photos):
    [first, *further] = [photo.encode() for photo in photos] or [None]
    return SeeingEncoder().encode([Content(title, first, title or "", tuple(further))])[0]


def bench():
    return Bench(SEEN.policy, SeeingEncoder(), looks=LOOKS)


async def said(one):
    """What the point says that models say; fails where a field is left that says nothing."""
    payload = (await one.point("a")).payload
    assert payload.get(state.GENERATED) != {}
    return state.generated_of(payload)


async def stands(one, wanted):
    """The point has all the rows and says all that is said of a listing that is seen for the first time."""
    point = await one.point("a")
    assert bits(point.raw) == bits(wanted.embedding)
    assert await said(one) == wanted.generated


async def forwarded(one, letters):
    """Apply what goes to the index stage; what it says again."""
    return embedded(await one.apply(*[letter for letter in letters if letter.channel is Channel.EMBEDDINGS]))


def asked(letters):
    return [one for one in letters if one.channel is Channel.REFETCH]


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


async def test_a_listing_goes_on_with_the_photos_that_can_be_had_until_all_are_there():
    one = bench()
    one.images.troubled = lambda reference: reference == "mug 1"
    letters = await one.embed(one.message("a", {**MUG, "images": ["mug 1", "cup 2"]}))
    [event] = embedded(letters)
    await forwarded(one, letters)
    await stands(one, seen(None, "cup 2"))
    assert (event.seals, event.failures) == ({}, {})
    one.images.troubled = lambda _reference: False
    again = await one.refetch(*asked(letters))
    assert asked(again) == []
    await forwarded(one, again)
    await stands(one, seen(None, "mug 1", "cup 2"))
    assert (await said(one)).caption == "a mug"


@pytest.mark.parametrize("photo", ["missing", "broken"])
async def test_with_a_photo_that_nobody_ever_has_the_next_update_looks_once_more(photo):
    one = bench()
    letters = await one.embed(one.message("a", {**MUG, "images": [photo, "mug 1"]}))
    await forwarded(one, letters)
    assert (asked(letters), embedded(letters)[0].seals) == ([], {})
    await stands(one, seen(None, "mug 1"))
    one.images.fetched.clear()
    await one.put(one.message("a", {**MUG, "images": [photo, "mug 1"], "version": 2}))
    assert one.images.fetched == [photo, "mug 1"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1, 0)])
async def test_what_was_made_of_all_photos_stands_whenever_what_was_made_of_some_comes(order):
    one = bench()
    one.images.troubled = lambda reference: reference == "mug 1"
    some = await one.embed(one.message("a", {**MUG, "images": ["mug 1", "cup 2"]}))
    one.images.troubled = lambda _reference: False
    events = [some, await one.refetch(*asked(some))]
    for place in order:
        retold = await forwarded(one, events[place])
    wanted = seen(None, "mug 1", "cup 2")
    await stands(one, wanted)
    whole = embedded(events[1])[0] if order[-1] else retold[0]
    assert (bits(whole.embedding), whole.generated) == (bits(wanted.embedding), wanted.generated)
    assert set(whole.seals) == {"image", "words"}


async def test_rows_of_all_photos_are_said_again_after_rows_of_some_where_models_say_nothing_at_all():
    one = bench()
    one.images.troubled = lambda reference: reference == "mug 2"
    some = await one.embed(one.message("a", {**MUG, "title": "red mug"}))
    one.images.troubled = lambda _reference: False
    whole = await one.refetch(*asked(some))
    silent = [replace(embedded(each)[0], generated=NOTHING_GENERATED) for each in (whole, some)]
    letters = [replace(each[0], value=event.to_bytes()) for each, event in zip((whole, some), silent, strict=True)]
    assert await forwarded(one, letters[:1]) == []
    [again] = await forwarded(one, letters[1:])
    assert (bits(again.embedding), again.seals) == (bits(silent[0].embedding), silent[0].seals)


async def test_of_several_photos_the_first_that_comes_is_told_and_the_others_when_nobody_asks_for_more():
    one = bench()
    one.images.troubled = lambda _reference: True
    letters = await one.embed(one.message("a", {**MUG, "images": ["mug 1", "cup 2"]}))
    assert embedded(letters)[0].embedding == {}
    told = []
    for attempt in range(4):
        one.images.troubled = lambda reference, attempt=attempt: attempt < 1 or reference == "mug 1"
        letters = await one.refetch(*asked(letters))
        told.append(len(embedded(letters)))
        await forwarded(one, letters)
    assert (told, letters) == ([0, 1, 0, 0], [])
    await stands(one, seen(None, "cup 2"))


async def test_what_came_of_the_last_attempt_is_not_lost():
    one = bench()
    one.images.troubled = lambda reference: reference == "cup 2"
    letters = await one.embed(one.message("a", {**MUG, "images": ["mug 1", "cup 2"]}))
    message = Message("refetch", b"a", asked(letters)[0].value, headers=asked(letters)[0].headers)
    last = replace(asked(letters)[0], headers=replace(Refetch.from_message(message), attempt=3).headers())
    one.images.troubled = lambda reference: reference == "mug 1"
    [event] = embedded(await one.refetch(last))
    assert bits(event.embedding) == bits(seen(None, "cup 2").embedding)


async def test_a_photo_that_can_not_be_had_is_missing_for_whoever_looks_at_it():
    one = bench()
    [untitled, short, long] = embedded(
        await one.embed(
            one.message("a", {"image": "missing"}),
            one.message("b", {"title": "mug", "image": "missing"}),
            one.message("c", {"title": "red mug", "image": "missing"}),
        )
    )
    assert set(untitled.failures) == OF_PHOTOS | OF_WORDS
    assert (set(short.failures), set(short.seals)) == (OF_PHOTOS, {"title"})
    assert (set(long.failures), set(long.seals)) == (OF_PHOTOS, {"title", "words"})


@pytest.mark.parametrize(("title", "sealed"), [(None, {"image"}), ("mug", {"image", "title"})])
async def test_a_caption_that_there_was_no_time_for_is_made_with_the_next_update(title, sealed):
    one, listed = bench(), {**MUG, "title": title}
    one.encoder.hurried = True
    [event] = embedded(await one.embed(one.message("a", listed)))
    assert (event.generated, set(event.failures), set(event.seals)) == (Generated(None, TAGS), OF_WORDS, sealed)
    await one.put(one.message("a", listed))
    one.encoder.hurried = False
    await one.put(one.message("a", {**listed, "price": "6", "version": 2}))
    await stands(one, seen(title, "mug 1", "mug 2"))
    assert (await one.point("a")).payload[state.FAILURES] == {}


async def test_a_caption_that_there_was_no_time_for_is_tried_again_like_a_photo_whose_host_is_down():
    one = bench()
    one.encoder.hurried = True
    letters = await one.embed(one.message("a", MUG))
    await forwarded(one, letters)
    letters = await one.refetch(*asked(letters))
    assert embedded(letters) == []
    one.encoder.hurried = False
    again = await one.refetch(*asked(letters))
    assert asked(again) == []
    await forwarded(one, again)
    await stands(one, seen(None, "mug 1", "mug 2"))
    assert (await one.point("a")).payload[state.FAILURES] == {}


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
