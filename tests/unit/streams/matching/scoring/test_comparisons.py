import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.types import Modality
from streams.matching import Details, Pairs
from streams.matching.scoring import COMPARISONS, WordWeights, learn_weights
from streams.matching.scoring.scorer import compare_in_blocks

WEIGHTS = learn_weights([Details(title="red shoe"), Details(title="red phone"), Details(title="blue")], ["a", "b", "c"])

words = st.sampled_from(
    ["red", "blue", "shoe", "phone", "64gb", "64", "x100", "x200", "wh-1000xm4", "wh1000", "7.0", "128 gb", "é", "鞋"]
)
details = st.builds(
    Details,
    title=st.lists(words, max_size=6).map(" ".join),
    brand=st.sampled_from(["", "acme", "Globex Corp"]),
    category=st.sampled_from(["", "shoes", "phones"]),
    gtin=st.sampled_from(["", "4006381333931", "96385074"]),
    attributes=st.sampled_from([(), (("colour", "red"),), (("code", "WH 1000"), ("colour", "blue"), ("size", "M"))]),
)


def pairs(owners, others, own, other):
    similarity = np.linspace(0.1, 0.9, len(own))
    return Pairs(owners, others, np.array(own), np.array(other), {Modality.TEXT: similarity}, similarity)


def compare(some, names=COMPARISONS.names, weights=WEIGHTS):
    return np.concatenate([np.empty((0, len(names))), *compare_in_blocks(some, names, weights)])


def one(first, second, name):
    return compare(pairs([first], [second], [0], [0]), (name,))[0, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(details, min_size=1, max_size=4), st.lists(details, min_size=1, max_size=4))
def test_no_comparison_minds_which_listing_comes_first(owners, others):
    own, other = (axis.ravel() for axis in np.indices((len(owners), len(others))))
    there = compare(pairs(owners, others, own, other))
    back = compare(pairs(others, owners, other, own))
    assert np.array_equal(there, back, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(details, min_size=2, max_size=6), st.data())
def test_no_comparison_minds_what_else_is_in_the_batch(listings, data):
    own, other = (axis.ravel() for axis in np.indices((len(listings), len(listings))))
    together = pairs(listings, listings, own, other)
    place = data.draw(st.integers(0, len(own) - 1))
    alone = Pairs(
        [listings[own[place]]],
        [listings[other[place]]],
        np.array([0]),
        np.array([0]),
        {Modality.TEXT: together.single[Modality.TEXT][[place]]},
        together.combined[[place]],
    )
    assert np.array_equal(compare(together)[[place]], compare(alone), equal_nan=True)


@pytest.mark.parametrize(
    ("name", "first", "second", "wanted"),
    [
        ("words shared", "red shoe", "red boot", 1 / 3),
        ("shorter title contained", "red shoe", "big red shoe", 1.0),
        ("pieces shared", "wh-1000xm4", "WH 1000 XM4", 1.0),
        ("neighbors shared", "big red shoe", "red shoe", 0.5),
        ("same beginning", "Canon EOS 90D", "canon eos90 kit", 10.0),
        ("words on fewer side", "red shoe", "big red boot", 1.0),
        ("words on more side", "red shoe", "big red boot", 2.0),
        ("length ratio", "red shoe", "big red boot new", 0.5),
        ("numbers shared", "iphone 12 64", "64 iphone 11", 1.0),
        ("numbers on fewer side", "iphone 12", "iphone 11", 1.0),
        ("numbers on fewer side", "iphone 12", "iphone", 0.0),
        ("numbers on more side", "iphone 12", "iphone", 1.0),
        ("codes shared", "sony a6400 kit", "sony a6400", 1.0),
        ("codes on fewer side", "sony a6400", "sony a6500", 1.0),
        ("number values shared", "scanner 7.0 wh1000", "scanner 7 WH 1000", 2.0),
        ("number values on fewer side", "office 7.0 2 users", "office 7.5 2 users", 1.0),
        ("number values on more side", "wh1000xm4", "wh 1000", 1.0),
        ("number values shared", "card 4006381333931", "card 4006381333932", 0.0),
    ],
)
def test_titles_are_compared_as_the_name_says(name, first, second, wanted):
    assert one(Details(title=first), Details(title=second), name) == pytest.approx(wanted)


def test_a_rare_word_in_common_weighs_more_than_a_common_one():
    base = Details(title="red phone")
    rare, common = (one(base, Details(title=title), "weight shared") for title in ("blue phone", "red shoe"))
    assert rare > common > 0


def test_the_rarest_word_of_one_side_alone_is_told():
    value = one(Details(title="red shoe"), Details(title="red zyxx"), "rarest word on heavier side")
    assert value == pytest.approx(np.log(4 / 2), abs=1 / 64)


@pytest.mark.parametrize(
    ("name", "first", "second", "wanted"),
    [
        ("same brand", {"brand": "Acme"}, {"brand": "ACME Corp"}, 1.0),
        ("same brand", {"brand": "Acme"}, {"brand": "Globex"}, 0.0),
        ("same brand", {"brand": "Acme"}, {}, np.nan),
        ("same category", {"category": "Shoes"}, {"category": "shoes"}, 1.0),
        ("same category", {"category": "shoes"}, {}, np.nan),
        ("gtin agrees", {"gtin": "4006381333931"}, {"gtin": "4006381333931"}, 1.0),
        ("gtin differs", {"gtin": "4006381333931"}, {"gtin": "96385074"}, 1.0),
        ("storage differs", {"title": "phone 64 GB"}, {"title": "phone 128GB"}, 1.0),
        ("storage differs", {"title": "phone 64 GB"}, {"title": "phone"}, 0.0),
        ("storage agrees", {"title": "phone 64 GB"}, {"title": "phone 64gb"}, 1.0),
        ("attributes agree", {"attributes": (("a", "1"), ("b", "2"))}, {"attributes": (("a", "1"), ("b", "3"))}, 1.0),
        ("attributes differ", {"attributes": (("a", "1"), ("b", "2"))}, {"attributes": (("a", "1"), ("b", "3"))}, 1.0),
    ],
)
def test_what_is_stated_is_compared_and_what_is_not_says_nothing(name, first, second, wanted):
    assert one(Details(**first), Details(**second), name) == pytest.approx(wanted, nan_ok=True)


def test_every_comparison_says_what_it_means_and_prices_are_not_among_them():
    meanings = [COMPARISONS[name].meaning for name in COMPARISONS.names]
    assert all(meaning.endswith(".") for meaning in meanings)
    assert not any("price" in name for name in COMPARISONS.names)


def test_a_missing_modality_is_no_number():
    assert np.isnan(one(Details(title="a"), Details(title="a"), "image similarity"))


def test_tokens_of_a_single_product_are_as_unseen_ones():
    assert learn_weights([Details(title="solo")] * 2, ["a", "a"]) == WordWeights(
        products=1, counts={kind: {} for kind in WEIGHTS.counts}
    )


def test_a_title_without_words_compares_with_everything():
    assert compare(pairs([Details()], [Details(title="!!!"), Details(title="red")], [0, 0], [0, 1])).shape[0] == 2
