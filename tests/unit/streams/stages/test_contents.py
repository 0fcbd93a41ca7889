"""Seals: rows are reused only where content and rows both are what the seal says."""

import pytest
from fakes.hash_encoder import HashEncoder
from fakes.memory_index import MemoryIndex

from encoders.types import Content, Modality
from streams.events import Listing
from streams.events.rows import same_rows
from streams.index import Change, View
from streams.stages import state
from streams.stages.contents import contents_of, reusable, seals_of

ENCODER = HashEncoder()
LISTING = Listing(listing_id="a", title="red shoe", image="shoe 1")


def rows_of(listing: Listing):
    image = listing.image.encode() if listing.image else None
    return ENCODER.encode([Content(listing.title, image)])[0].embedding


async def stored(rows, seals) -> MemoryIndex:
    index = MemoryIndex(ENCODER.dimensions)
    await index.write([Change("a", rows={View.RAW: rows}, payload={state.SEALS: seals})])
    index.round_trips = 0
    return index


async def reused(index: MemoryIndex, listing: Listing):
    return (await reusable({"a": listing}, index)).get("a")


@pytest.mark.parametrize(
    ("fields", "contents"),
    [
        ({"title": "x", "image": "y"}, {"title": "x", "image": "y"}),
        ({"title": " x ", "image": ""}, {"title": "x"}),
        ({"image": "y"}, {"image": "y"}),
    ],
)
def test_contents_are_what_a_listing_has(fields, contents):
    assert contents_of(Listing(listing_id="a", **fields)) == contents


def test_what_has_no_rows_has_no_seal():
    rows = rows_of(LISTING)
    del rows[Modality.IMAGE]
    assert set(seals_of(contents_of(LISTING), rows)) == {"title"}


def test_a_seal_depends_on_the_content_and_on_the_rows():
    contents, rows = {"title": "red shoe"}, rows_of(LISTING)
    other_rows = rows_of(Listing(listing_id="a", title="blue shoe"))
    seals = [seals_of(contents, rows), seals_of({"title": "blue shoe"}, rows), seals_of(contents, other_rows)]
    assert len({one["title"] for one in seals}) == 3
    assert seals_of(contents, rows) == seals[0]


def test_a_title_seal_covers_the_lexical_row():
    rows = rows_of(LISTING)
    without = {modality: row for modality, row in rows.items() if modality is not Modality.LEXICAL}
    assert seals_of({"title": "red shoe"}, rows) != seals_of({"title": "red shoe"}, without)


async def test_everything_unchanged_is_everything_reused():
    rows = rows_of(LISTING)
    known = await reused(await stored(rows, seals_of(contents_of(LISTING), rows)), LISTING)
    assert same_rows(known.embedding, rows)
    assert known.seals == seals_of(contents_of(LISTING), rows)


async def test_only_the_content_that_is_as_it_was_is_reused():
    rows = rows_of(LISTING)
    index = await stored(rows, seals_of(contents_of(LISTING), rows))
    known = await reused(index, Listing(listing_id="a", title="blue shoe", image="shoe 1"))
    assert set(known.embedding) == {Modality.IMAGE}
    assert set(known.seals) == {"image"}


async def test_rows_that_do_not_belong_to_their_seal_are_not_reused():
    other = rows_of(Listing(listing_id="a", title="blue lamp", image="shoe 1"))
    known = await reused(await stored(other, seals_of(contents_of(LISTING), rows_of(LISTING))), LISTING)
    assert set(known.seals) == {"image"}


async def test_nothing_is_known_of_a_listing_that_is_not_there():
    assert await reusable({"a": LISTING}, MemoryIndex(ENCODER.dimensions)) == {}


async def test_rows_are_read_only_of_listings_with_an_unchanged_content():
    rows = rows_of(LISTING)
    index = await stored(rows, seals_of(contents_of(LISTING), rows))
    await reused(index, Listing(listing_id="a", title="blue lamp", image="lamp 1"))
    assert index.round_trips == 1
