"""A listing's words: what is taken, and what sellers can't do with it."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streams.matching import Details

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["title", "brand", "category", "gtin", "attributes", "price"])


def test_it_holds_the_words_and_nothing_of_the_price():
    listing = {"title": " Red mug ", "brand": "ACME", "price": "3.50", "attributes": {"size": 42, "colour": "red"}}
    assert Details.of(listing) == Details("Red mug", brand="ACME", attributes=(("colour", "red"), ("size", "42")))


def test_attributes_that_are_no_words_are_left_out():
    attributes = {"new": True, "tags": ["a"], "size": {"eu": 42}, "weight": 1.5, "none": None}
    assert Details.of({"attributes": attributes}).attributes == (("weight", "1.5"),)


def test_what_is_hostile_is_cut():
    details = Details.of({"title": "x" * 5_000, "attributes": {f"{i:03}": "y" * 5_000 for i in range(500)}})
    assert (len(details.title), len(details.attributes)) == (1_000, 100)
    assert max(len(value) for _, value in details.attributes) == 1_000


def test_what_is_cut_comes_back_from_a_payload_too():
    """Whatever the cut leaves at the end, or makes equal: a copy in a payload says what the listing says."""
    names = {"n" * 1_000 + end: f"value {end}" for end in "ba"}
    details = Details.of({"title": "x" * 999 + " y", "attributes": {**names, "a": " "}})
    assert details.title == "x" * 999
    assert details.attributes == (("a", " "), ("n" * 1_000, "value b"))
    assert Details.of(details.to_json()) == details


@given(st.dictionaries(NAMES, JSON))
def test_whatever_a_seller_sends_it_comes_back_from_a_payload(listing):
    details = Details.of(listing)
    assert Details.of(orjson.loads(orjson.dumps(details.to_json(), option=orjson.OPT_NON_STR_KEYS))) == details
    assert hash(details) == hash(Details.of(listing))
