"""The schema of listings refuses whatever the code refuses, so that what fits it is sure to be read."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from streams.errors import UnreadableEventError
from streams.events import Message, read_listing_event, schemas

LISTING = Draft202012Validator(orjson.loads(schemas.schemas()["listing.json"]))
PLAIN = {"listing_id": "a", "title": "x"}


def read(value):
    data = orjson.dumps(value)
    return read_listing_event(Message("listings", str(value.get("listing_id", "a")).encode(), data))


def is_read(value):
    try:
        read(value)
    except UnreadableEventError:
        return False
    return True


REFUSED = [
    {"listing_id": None},
    {"listing_id": 5},
    {"listing_id": ""},
    {"listing_id": " \n"},
    {"listing_id": "x" * 257},
    {"title": None},
    {"title": ""},
    {"title": " \t"},
    {"title": 5},
    {"title": ["x"]},
    {"title": "x" * 5_001},
    {"title": None, "image": None},
    {"title": "", "image": ""},
    {"image": {}},
    {"image": "x" * 4_001},
    {"title": None, "images": []},
    {"title": None, "images": ["", " "]},
    {"images": "x"},
    {"images": [None]},
    {"images": ["x"] * 51},
    {"images": ["x" * 4_001]},
    {"seller_id": 1},
    {"seller_id": "x" * 1_001},
    {"description": "x" * 100_001},
    {"price": "1"},
    {"price": "1", "currency": None},
    {"price": 1.5},
    {"price": -1, "currency": "EUR"},
    {"price": "-1", "currency": "EUR"},
    {"price": "NaN", "currency": "EUR"},
    {"price": "1_0", "currency": "EUR"},
    {"price": "1,5", "currency": "EUR"},
    {"price": "", "currency": "EUR"},
    {"price": "9" * 21, "currency": "EUR"},
    {"price": True, "currency": "EUR"},
    {"price": ["1"], "currency": "EUR"},
    {"currency": "eur"},
    {"currency": "EURO"},
    {"currency": ""},
    {"gtin": 4006381333931},
    {"gtin": "1234567"},
    {"gtin": "none"},
    {"gtin": " 1234567"},
    {"attributes": []},
    {"attributes": "x"},
    {"version": -1},
    {"version": 2**63},
    {"version": 1.5},
    {"version": "x"},
    {"version": True},
    {"url": 1},
    {"url": "x" * 4_001},
]


@pytest.mark.parametrize("fields", REFUSED, ids=lambda fields: str(fields)[:60])
def test_what_the_code_refuses_the_schema_refuses_too(fields):
    value = PLAIN | fields
    assert not is_read(value)
    assert not LISTING.is_valid(value)


@pytest.mark.parametrize("missing", ["listing_id", "title"])
def test_what_is_missing_is_missed_by_both(missing):
    value = {name: one for name, one in PLAIN.items() if name != missing}
    assert not is_read(value)
    assert not LISTING.is_valid(value)


@pytest.mark.parametrize("value", [[], None, "x", 3, True])
def test_what_is_no_object_is_refused_by_both(value):
    with pytest.raises(UnreadableEventError):
        read_listing_event(Message("listings", b"a", orjson.dumps(value)))
    assert not LISTING.is_valid(value)


KINDER = [{"price": 1.5, "currency": "EUR"}, {"price": "1E+2", "currency": "EUR"}, {"version": "7"}, {"price": None}]


@pytest.mark.parametrize("fields", KINDER)
def test_the_code_reads_a_little_more_than_the_schema_promises(fields):
    assert is_read(PLAIN | fields)
    assert not LISTING.is_valid(PLAIN | fields)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NEEDED = {"listing_id": st.just("a") | TEXT, "title": st.just("x") | TEXT}
LIKELY = {
    "image": TEXT,
    "images": st.lists(TEXT, max_size=3),
    "price": st.from_regex(r"[0-9]{1,19}([.][0-9]{1,3})?", fullmatch=True),
    "currency": st.sampled_from(["EUR", "USD", "EUR\n", " EUR"]),
    "gtin": st.from_regex(r"[0-9 -]{7,21}", fullmatch=True),
    "attributes": st.dictionaries(TEXT, st.integers(-(2**63), 2**63 - 1), max_size=2),
    "version": st.integers(0, 2**63 - 1),
}
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.sampled_from(["", "NaN", "1e5", "-1", "1_0", "1.", ".5", "1" * 21, [], {}])
    | TEXT
)
ODD = st.none() | st.tuples(st.sampled_from([*NEEDED, *LIKELY, "extra"]), ANYTHING)


@st.composite
def values(draw):
    """Listings, many of them good, most of the others with one thing wrong."""
    value = draw(st.fixed_dictionaries(NEEDED, optional=LIKELY))
    odd = draw(ODD)
    # through JSON, where NaN is null
    return orjson.loads(orjson.dumps(value | (dict([odd]) if odd else {})))


def has_no_number_beyond_64_bits(value):
    return not any(isinstance(one, int) and one >= 2**63 for one in value.values())


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(values().filter(has_no_number_beyond_64_bits))
def test_whatever_fits_the_schema_is_read(value):
    assert is_read(value) or not LISTING.is_valid(value)
