"""Words find pictures: searching where photos and texts share a space, far apart in it as real towers put them."""

from itertools import product

import pytest

from encoders.types import Modality
from streams.index import Change, View
from streams.stages import state
from streams.web.search.asking import Scales, sought
from streams.web.search.query import FoundProduct, SearchRequest
from streams.web.search.scoring import scored
from streams.web.search.searching import Searcher
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.two_towers import ACROSS, COLOURS, SIZE, THINGS, Towers, cosine, lexical, photo, text

TEXT, LEXICAL, SEEN, SAID = Modality.TEXT, Modality.LEXICAL, Modality.JOINT_IMAGE, Modality.JOINT_TEXT
JOINT, CAPTIONED, WORDS_OR_CAPTION = Modality.JOINT, Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION
TOWERS = Towers()
DIMENSIONS = dict.fromkeys((TEXT, SEEN, SAID, JOINT, CAPTIONED), SIZE)


def listing(listing_id: str, title: str | None = None, shows: str | None = None, towers: Towers = TOWERS, **rows):
    known = dict(towers.said(title)) if title else {}
    if shows is not None:
        known |= towers.shown(shows)
    known |= {Modality(name): row for name, row in rows.items()}
    payload = {state.LISTING: {"listing_id": listing_id, "title": title, "image": "a.jpg" if shows else None}}
    return Change(listing_id, rows={View.RAW: known}, payload=payload)


def titled(towers: Towers, *, photos: bool = True) -> list[Change]:
    """A listing of each thing in each colour."""
    every = [f"{colour} {thing}" for colour, thing in product(COLOURS, THINGS)]
    return [listing(f"titled-{one}", one, one if photos else None, towers) for one in every]


async def found(changes: list[Change], towers: Towers, *, search_limit: int = 256, **asked) -> list[FoundProduct]:
    index = MemoryIndex(DIMENSIONS)
    await index.write(changes)
    return await Searcher(index, towers, search_limit).search(SearchRequest(**asked))


def ids(products: list[FoundProduct]) -> list[str]:
    return [one.best.offer.listing_id for one in products]


def test_the_towers_of_the_fake_are_apart_as_real_ones():
    fitting, unlike = (
        cosine(photo("red", "shoe"), text("red", "shoe")),
        cosine(text("red", "shoe"), text("blue", "bag")),
    )
    assert fitting < unlike, "the closest photo is further than any title"


@pytest.mark.parametrize("titles", [True, False], ids=["beside titles", "dual only"])
async def test_a_listing_without_a_title_is_found_by_what_its_photo_shows(titles):
    towers = Towers(titles=titles)
    others = [one for one in titled(towers) if one.listing_id != "titled-red shoe"]
    products = await found([*others, listing("untitled", None, "red shoe")], towers, words="red shoe")
    assert ids(products)[0] == "untitled"
    assert products[0].best.similarities == {SEEN: pytest.approx(0.9)}
    assert products[0].best.score == pytest.approx(0.9)


@pytest.mark.parametrize("titles", [True, False], ids=["beside titles", "dual only"])
async def test_it_stands_among_the_others_by_how_well_it_fits(titles):
    towers = Towers(titles=titles)
    some = [
        listing("both", "red shoe", "red shoe", towers),
        listing("title", "red shoe", None, towers),
        listing("photo", None, "red shoe", towers),
        listing("half", "red bag", "red bag", towers),
        listing("photo of half", None, "red bag", towers),
        listing("neither", "blue lamp", "blue lamp", towers),
    ]
    order = ids(await found(some, towers, words="red shoe"))
    assert order[:2] in (["both", "title"], ["title", "both"])
    assert order[2] == "photo"
    assert set(order[3:5]) == {"half", "photo of half"}


async def test_photos_that_fit_better_than_pairs_do_on_the_whole_are_still_told_apart():
    index = MemoryIndex(DIMENSIONS)
    row = text("red", "shoe")
    far, near = (0.6 * photo("red", "shoe") + share * row for share in (0.5, 0.6))
    await index.write([listing("b", None, joint_image=far), listing("a", None, joint_image=near)])
    points = (await index.read(["a", "b"], [View.RAW])).values()
    by_id = {
        one.offer.listing_id: one.score
        for one in scored(list(points), sought({SAID: row}, {}, 0.5, Scales(ACROSS)).parts)
    }
    assert 0.9 < by_id["b"] < by_id["a"] < 1


async def test_a_summed_joint_row_is_passed_over_for_the_rows_it_is_the_sum_of():
    products = await found(
        [listing("untitled", None, "red shoe", joint=photo("red", "shoe")), *titled(Towers())],
        Towers(),
        words="red shoe",
    )
    assert all(JOINT not in one.best.similarities for one in products)


async def test_a_photo_finds_photos_and_also_a_title_where_there_is_no_photo():
    towers = Towers()
    others = [one for one in titled(towers) if "red" not in one.listing_id and "shoe" not in one.listing_id]
    some = [*others, listing("title", "red shoe", None, towers), listing("same", None, "red shoe")]
    assert ids(await found(some, towers, photo=b"red shoe"))[:2] == ["same", "title"]
    assert ids(await found(some, towers, like="same"))[0] == "title"
    assert ids(await found(some, towers, like="title"))[0] == "same"


@pytest.mark.parametrize("asked", [{"photo": b"red shoe"}, {"like": "shown"}])
async def test_where_there_is_a_photo_a_photo_is_compared_with_that_whatever_the_title_says(asked):
    some = [
        listing("shown", "red shoe", "red shoe"),
        listing("near", None, "red bag"),
        listing("says so", "red shoe", "blue lamp", Towers(titles=False)),
    ]
    order = [one for one in ids(await found(some, Towers(), **asked)) if one != "shown"]
    assert order == ["near", "says so"]


@pytest.mark.parametrize(("strength", "first"), [(0.0, "blue shoe"), (0.5, "red shoe"), (1.0, "red")])
async def test_this_but_in_red_among_photos_alone(strength, first):
    shows = [f"{colour} {thing}" for colour, thing in product(COLOURS, THINGS)]
    some = [listing(one, None, one) for one in (*shows, "red")]
    products = await found(some, Towers(), photo=b"blue shoe", words="red", strength=strength)
    assert ids(products)[0] == first


async def test_what_is_far_down_by_the_photo_and_by_the_words_alone_is_found_between_them():
    photos = [listing(f"same {i}", None, "blue shoe") for i in range(60)]
    words = [listing(f"red {i}", None, "red") for i in range(60)]
    some = [*photos, *words, listing("meant", None, "red shoe")]
    products = await found(some, Towers(), search_limit=50, photo=b"blue shoe", words="red", limit=40)
    assert ids(products)[0] == "meant"


async def test_generated_words_are_searched_and_count_less_than_a_sellers():
    towers = Towers(generated=0.5)
    row, words = towers.said("red shoe")[TEXT], lexical(["red", "shoe"])
    generated = {CAPTIONED.value: row, WORDS_OR_CAPTION.value: words}
    some = [
        listing("captioned", None, None, towers, **generated),
        listing("titled", "red shoe", None, towers, **generated),
        listing("other", "blue bag", None, towers),
    ]
    products = await found(some, towers, words="red shoe")
    scores = {one.best.offer.listing_id: one.best.score for one in products}
    assert scores["titled"] == pytest.approx(1)
    assert scores["captioned"] == pytest.approx(0.5)
    assert scores["other"] < 0.5
    by_id = {one.best.offer.listing_id: one.best.similarities.keys() for one in products}
    assert by_id == {
        "titled": {TEXT, LEXICAL},
        "captioned": {CAPTIONED},
        "other": {TEXT, LEXICAL},
    }
