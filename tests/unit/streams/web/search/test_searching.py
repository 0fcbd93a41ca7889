"""Searching by words, by a photo, by both, over an index in memory and rows that are written down."""

from decimal import Decimal

import numpy as np
import pytest

from encoders.types import Modality
from streams.errors import UploadError
from streams.index import Change, View
from streams.stages import state
from streams.web.search.asking import NO_SCALES
from streams.web.search.query import Filters, SearchRequest
from streams.web.search.searching import MOST_ADMITTED, Searcher
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import dense, sparse

IMAGE, TEXT, JOINT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.JOINT, Modality.LEXICAL
DIMENSIONS = {IMAGE: 3, TEXT: 4, JOINT: 5}

# What the axes of the made-up rows stand for
SHOE, BAG, LAMP = (dense(*row) for row in np.eye(3))
WORDS = {"shoe": 0, "bag": 1, "red": 2, "blue": 3}


def unit(*numbers: float):
    row = np.array(numbers, np.float32)
    return (row / np.linalg.norm(row)).astype(np.float32)


def said(*words: str):
    """Rows of a title: a direction for each word that is known, and each word's own bucket."""
    known = [WORDS[word] for word in words if word in WORDS]
    text = np.zeros(4, np.float32)
    text[known] = 1
    rows = {LEXICAL: sparse({sum(word.encode()): len(words) ** -0.5 for word in words})} if words else {}
    return {**rows, TEXT: unit(*text)} if known else rows


def joined(shape, *colors: str):
    """A row in the joint space: three numbers of what it is, two of its colour."""
    return unit(*shape, *(float(color in colors) for color in ("red", "blue")))


class Rows:
    """An encoder that knows some words, and photos by the name of what they show."""

    def __init__(self, *, joint: bool = False) -> None:
        self._joint = joint

    async def scales(self):
        return NO_SCALES

    async def words(self, words: str):
        some = words.split()
        shape = np.sum([{"shoe": SHOE, "bag": BAG, "lamp": LAMP}.get(word, 0 * SHOE) for word in some], axis=0)
        return {**said(*some), JOINT: joined(shape, *some)} if self._joint else said(*some)

    async def photo(self, photo: bytes):
        shape, *colors = photo.decode().split()
        row = {"shoe": SHOE, "bag": BAG, "lamp": LAMP}[shape]
        return {IMAGE: row, JOINT: joined(row, *colors)} if self._joint else {IMAGE: row}


def listing(listing_id: str, title: str, shape=None, product_id: str | None = None, **more) -> Change:
    rows = said(*title.split())
    if shape is not None:
        rows[IMAGE] = shape
        rows[JOINT] = joined(shape, *title.split())
    payload = {state.LISTING: {"listing_id": listing_id, "title": title, **more}, state.MATCHES: ["long"] * 9}
    return Change(listing_id, rows={View.RAW: rows}, payload=payload | ({state.PRODUCT_ID: product_id or listing_id}))


def priced(listing_id: str, price: str, currency: str = "EUR", **more) -> Change:
    return listing(listing_id, "shoe", SHOE, price=price, currency=currency, **more)


async def shop(*changes: Change) -> MemoryIndex:
    index = MemoryIndex(DIMENSIONS)
    await index.write(changes)
    return index


SHOP = [
    listing("red-shoe", "red shoe", SHOE),
    listing("blue-shoe", "blue shoe", SHOE),
    listing("red-bag", "red bag", BAG),
    listing("lamp", "lamp", LAMP),
]


async def ids(index: MemoryIndex, *, joint: bool = False, **asked) -> list[str]:
    found = await Searcher(index, Rows(joint=joint)).search(SearchRequest(**asked))
    return [product.best.offer.listing_id for product in found]


async def test_words_find_what_has_them_in_its_title():
    found = await Searcher(await shop(*SHOP), Rows()).search(SearchRequest("blue shoe"))
    assert [product.best.offer.listing_id for product in found] == ["blue-shoe", "red-shoe"]
    best, second = (product.best for product in found)
    assert best.similarities == {TEXT: pytest.approx(1), LEXICAL: pytest.approx(1)}
    assert (best.score, second.score) == (pytest.approx(1), pytest.approx(0.5))
    assert best.offer.title == "blue shoe"


async def test_a_photo_finds_what_looks_like_it():
    assert await ids(await shop(*SHOP), photo=b"bag") == ["red-bag"]
    assert sorted(await ids(await shop(*SHOP), photo=b"shoe")) == ["blue-shoe", "red-shoe"]


@pytest.mark.parametrize("joint", [True, False])
async def test_this_but_in_red(joint):
    index = await shop(*SHOP)
    assert (await ids(index, joint=joint, photo=b"shoe blue", words="red", strength=0.6))[0] == "red-shoe"
    assert (await ids(index, joint=joint, like="blue-shoe", words="red", strength=0.6))[0] == "red-shoe"


async def test_the_words_count_as_much_as_is_said():
    index = await shop(*SHOP)
    first = {
        strength: (await ids(index, joint=True, photo=b"shoe blue", words="red bag", strength=strength))[0]
        for strength in (0.0, 0.2, 0.8, 1.0)
    }
    assert first == {0.0: "blue-shoe", 0.2: "blue-shoe", 0.8: "red-bag", 1.0: "red-bag"}


async def test_without_a_joint_space_the_two_similarities_are_mixed():
    found = await Searcher(await shop(*SHOP), Rows()).search(SearchRequest("red bag", photo=b"shoe", strength=0.25))
    scores = {product.best.offer.listing_id: product.best.score for product in found}
    assert scores == pytest.approx({"red-shoe": 0.75 + 0.25 * 0.5, "blue-shoe": 0.75, "red-bag": 0.25})


async def test_a_point_between_photo_and_words_is_what_is_looked_for_in_a_joint_space():
    found = await Searcher(await shop(*SHOP), Rows(joint=True)).search(
        SearchRequest("red", photo=b"shoe", strength=0.5)
    )
    between = unit(1, 0, 0, 1, 0)
    scores = {product.best.offer.listing_id: product.best.score for product in found}
    assert scores["red-shoe"] == pytest.approx(float(between @ joined(SHOE, "red")), abs=1e-6)
    assert scores["blue-shoe"] == pytest.approx(float(between @ joined(SHOE, "blue")), abs=1e-6)
    assert found[0].best.similarities.keys() == {JOINT}


async def test_words_find_photos_where_one_source_finds_another():
    untitled = Change(
        "untitled",
        rows={View.RAW: {IMAGE: BAG, JOINT: joined(BAG)}},
        payload={state.LISTING: {"listing_id": "untitled", "image": "a.jpg"}},
    )
    index = await shop(*SHOP[:2], untitled)
    assert (await ids(index, joint=True, words="bag"))[0] == "untitled"
    assert await ids(index, joint=False, words="bag") == []


async def test_what_is_shown_as_a_listing_is_not_found_itself():
    index = await shop(*SHOP)
    assert (await ids(index, like="red-shoe"))[0] == "blue-shoe"
    with pytest.raises(UploadError, match="listing 'nobody': not in the index"):
        await ids(index, like="nobody")


async def test_listings_of_one_product_are_found_together_the_best_first():
    index = await shop(
        listing("a", "red bag", product_id="p"), listing("b", "red shoe", product_id="p"), listing("c", "blue bag")
    )
    found = await Searcher(index, Rows()).search(SearchRequest("red shoe", limit=2))
    assert [(one.product_id, [each.offer.listing_id for each in one.listings]) for one in found] == [("p", ["b", "a"])]
    assert len(await Searcher(index, Rows()).search(SearchRequest("bag", limit=1))) == 1


async def test_a_listing_that_is_in_no_product_yet_is_found_alone():
    index = await shop(*SHOP)
    await index.write([Change("red-shoe", forget=[state.PRODUCT_ID]), Change("red-bag", forget=[state.PRODUCT_ID])])
    found = await Searcher(index, Rows()).search(SearchRequest("red"))
    assert [(one.product_id, len(one.listings)) for one in found] == [(None, 1), (None, 1)]


async def test_a_listing_that_was_withdrawn_is_not_found():
    index = await shop(*SHOP)
    await index.write([Change("red-bag", rows={View.RAW: {}}, forget=[state.LISTING])])
    assert "red-bag" not in await ids(index, words="red bag")


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(category="Shoes "), {"cheap", "dear"}),
        (Filters(seller_id="s1"), {"cheap", "dollar"}),
        (Filters(currency="EUR"), {"cheap", "dear"}),
        (Filters(currency="EUR", least=Decimal("10.00"), most=Decimal(10)), {"cheap"}),
        (Filters(currency="EUR", least=Decimal("10.001")), {"dear"}),
        (Filters(currency="USD", most=Decimal(10)), {"dollar"}),
        (Filters(seller_id="s1", category="shoes"), {"cheap"}),
        (Filters(seller_id="S1"), set()),
    ],
)
async def test_filters(filters: Filters, wanted: set[str]):
    index = await shop(
        priced("cheap", "10.0", category="shoes", seller_id="s1"),
        priced("dear", "1e2", category="SHOES", seller_id="s2"),
        priced("dollar", "9.990", "USD", seller_id="s1"),
        listing("unpriced", "shoe", SHOE),
    )
    assert set(await ids(index, words="shoe", filters=filters)) == wanted


async def test_the_index_is_asked_for_more_when_filters_leave_too_few():
    many = [priced(f"l{n}", "1", seller_id="many") for n in range(200)]
    index = await shop(*many, listing("far", "shoe red blue bag", SHOE, seller_id="one"))
    assert await ids(index, words="shoe", filters=Filters(seller_id="one")) == ["far"]
    before = index.round_trips
    await ids(index, words="shoe")
    assert index.round_trips - before == 2


async def test_what_filters_admit_is_compared_without_asking_the_index_where_it_is_few():
    many = [priced(f"l{n}", "1", seller_id="many") for n in range(400)]
    index = await shop(*many, listing("far", "shoe red blue bag", SHOE, seller_id="one"))
    asked = []

    async def few(filters: Filters, at_most: int):
        asked.append((filters, at_most))
        return ["far", "l1", "gone"]

    request = SearchRequest("shoe", filters=Filters(seller_id="one"))
    found = await Searcher(index, Rows(), few=few).search(request)
    assert [product.best.offer.listing_id for product in found] == ["far"]
    assert asked == [(request.filters, MOST_ADMITTED)]
    assert await Searcher(index, Rows()).search(request) == []
