"""Photos and captions that can't be had, for a while or ever: what a listing goes on with, and what completes it."""

from dataclasses import replace

import pytest
from fakes.bench import embedded
from fakes.rows import bits
from fakes.seen import MUG, OF_PHOTOS, OF_WORDS, TAGS, asked, bench, forwarded, said, seen, stands

from encoders.types import NOTHING_GENERATED, Generated
from streams.events import Message
from streams.events.refetches import Refetch
from streams.stages import state


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
