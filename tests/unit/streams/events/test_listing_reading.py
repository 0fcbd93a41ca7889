"""Messages of `listings`: what is read from good ones, and in which words bad ones are refused."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableEventError
from streams.events import Message, Position, Version, read_listing_event

PLAIN = {"listing_id": "a", "title": "Red shoe"}
ABSENT = object()
SMALL_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    # JSON in UTF-8 has no lone surrogates
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def message(fields=None, key=b"a", **others):
    """The message of PLAIN with other fields; a field that is ABSENT is left out."""
    value = {name: one for name, one in (PLAIN | (fields or {})).items() if one is not ABSENT}
    return Message("listings", key, orjson.dumps(value), **others)


def refusal(message_):
    with pytest.raises(UnreadableEventError) as caught:
        read_listing_event(message_)
    return caught.value


def test_every_field_is_read():
    fields = {
        "seller_id": "s1",
        "description": "For soft ground.",
        "image": "https://shop.example/9.jpg",
        "images": ["https://shop.example/9-back.jpg"],
        "price": "89.90",
        "currency": "EUR",
        "category": "Shoes",
        "brand": "Nordweg",
        "gtin": "4006381333931",
        "attributes": {"size": 42},
        "url": "https://shop.example/9",
        "version": 7,
    }
    listing = read_listing_event(message(fields)).listing
    assert listing.model_dump() == PLAIN | fields | {"price": Decimal("89.90")}


def test_a_title_alone_or_an_image_alone_is_enough():
    assert read_listing_event(message()).listing.image is None
    assert read_listing_event(message({"title": ABSENT, "image": "a.jpg"})).listing.title is None


@pytest.mark.parametrize(
    ("image", "images", "photos"),
    [
        ("a.jpg", ["b.jpg", " a.jpg", "", "b.jpg ", " ", "c.jpg"], ("a.jpg", "b.jpg", "c.jpg")),
        (" ", ["b.jpg"], ("b.jpg",)),
        (None, None, ()),
        ("a.jpg", [], ("a.jpg",)),
    ],
)
def test_the_photos_of_a_listing_are_each_counted_once_and_blank_ones_never(image, images, photos):
    assert read_listing_event(message({"image": image, "images": images})).listing.photos == photos


def test_further_photos_alone_are_enough():
    assert read_listing_event(message({"title": ABSENT, "images": ["", "b.jpg"]})).listing.photos == ("b.jpg",)


def test_every_field_but_the_id_may_be_null_as_long_as_there_is_something_to_compare():
    names = [
        "seller_id",
        "description",
        "image",
        "images",
        "price",
        "currency",
        "category",
        "brand",
        "gtin",
        "attributes",
    ]
    listing = read_listing_event(message(dict.fromkeys([*names, "url", "version"]))).listing
    assert listing.model_dump(exclude_none=True) == PLAIN


def test_spaces_around_a_text_are_no_part_of_it():
    assert read_listing_event(message({"title": "  Red shoe\n", "currency": " EUR "})).listing.title == "Red shoe"


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])).map("x-".__add__), SMALL_JSON, max_size=4))
def test_unknown_fields_are_kept_as_they_came(unknown):
    assert read_listing_event(message(unknown)).raw == PLAIN | unknown


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ("12.90", "12.90"),
        (" 3 ", "3"),
        ("0", "0"),
        ("1E+2", "1E+2"),
        (12.9, "12.9"),
        (7, "7"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_a_price_is_a_decimal_to_its_last_digit(price, read):
    found = read_listing_event(message({"price": price, "currency": "EUR"})).listing.price
    assert (found, str(found)) == (Decimal(read), read)


@pytest.mark.parametrize("price", [-1, "-0.01", "NaN", "Infinity", "", "1,5", "1_5", "٣", "0x10", True, [], {}])
def test_what_is_no_price_is_refused(price):
    assert "price is" in refusal(message({"price": price, "currency": "EUR"})).got


@pytest.mark.parametrize("price", ["9" * 21, "1e400", "1e-400", 1e22, "0." + "1" * 25, "9" * 1_000_000])
def test_a_price_of_more_digits_than_anything_costs_is_refused(price):
    assert "20 digits" in refusal(message({"price": price, "currency": "EUR"})).wanted


@pytest.mark.parametrize("version", [0, 7, 2**63 - 1])
def test_a_stated_version_counts(version):
    found = read_listing_event(message({"version": version}, timestamp_ms=99, offset=4)).version
    assert (found.stated, found.number, found.offset, found.withdrawn) == (True, version, 0, False)


@pytest.mark.parametrize("fields", [{}, {"version": None}])
def test_without_a_version_the_timestamp_of_the_record_counts(fields):
    found = read_listing_event(message(fields, timestamp_ms=99, offset=4))
    assert (found.version.stated, found.version.number, found.version.offset) == (False, 99, 4)
    assert found.position == Position(99, 4)


def test_two_contents_of_one_version_differ_however_small_the_difference():
    first, second = (read_listing_event(message({"version": 1, "stock": n})).version for n in (1, 2))
    assert first != second


def test_the_order_of_fields_does_not_make_another_content():
    turned = Message("listings", b"a", orjson.dumps(dict(reversed(PLAIN.items()))))
    assert read_listing_event(turned).version == read_listing_event(message()).version


def test_a_null_value_withdraws():
    found = read_listing_event(Message("listings", b"a", None, timestamp_ms=5, offset=2))
    assert (found.listing_id, found.listing, found.raw, found.version) == ("a", None, None, None)
    assert found.position == Position(5, 2)


def test_the_header_of_a_withdrawal_states_its_version():
    found = read_listing_event(Message("listings", b"a", None, headers={"version": b"12"}))
    assert found.version == Version(stated=True, number=12, withdrawn=True)


@pytest.mark.parametrize("header", [b"", b"-1", b"x", b" 5", b"1.0", b"\xff", b"\xd9\xa3", b"9223372036854775808"])
def test_a_version_header_that_is_no_number_is_refused(header):
    error = refusal(Message("listings", b"a", None, headers={"version": header}))
    assert error.got == f"version header {header!r}"
    assert "whole number up to 9223372036854775807" in error.wanted


def test_a_version_header_of_thousands_of_digits_is_refused_in_a_few_words():
    assert len(str(refusal(Message("listings", b"a", None, headers={"version": b"5" * 5_000})))) < 300


REFUSED = [
    ({"title": ABSENT}, "neither title nor image", "a title or an image"),
    ({"title": " \t", "image": ""}, "neither title nor image", "a title or an image"),
    ({"title": ABSENT, "images": ["", " "]}, "neither title nor image", "a title or an image"),
    ({"images": "a.jpg"}, "images is 'a.jpg'", "list"),
    ({"images": [{"url": "a.jpg"}]}, "images.0 is {'url': 'a.jpg'}", "string"),
    ({"images": ["a"] * 51}, "images is ['a', 'a'", "at most 50 items"),
    ({"price": "1"}, "a price without currency", "a price with its currency"),
    ({"price": "1", "currency": None}, "a price without currency", "a price with its currency"),
    ({"currency": "eur"}, "currency is 'eur'", "'^[A-Z]{3}$'"),
    ({"gtin": 4006381333931}, "gtin is 4006381333931", "string"),
    ({"gtin": "none"}, "gtin is 'none'", "pattern"),
    ({"title": 5}, "title is 5", "string"),
    ({"title": "x" * 5_001}, "title is 'xxx", "5000 characters"),
    ({"attributes": [1]}, "attributes is [1]", "dictionary"),
    ({"version": -1}, "version is -1", "greater than or equal to 0"),
    ({"version": 2**63}, "version is 9223372036854775808", "9223372036854775807"),
    ({"version": True}, "version is True", "whole number"),
    ({"version": 1.5}, "version is 1.5", "integer"),
    ({"version": "x"}, "version is 'x'", "integer"),
    ({"listing_id": ABSENT}, "no listing_id", "field required"),
    ({"listing_id": 5}, "listing_id is 5", "string"),
    ({"listing_id": "b"}, "listing_id is 'b'", "the record's key"),
    ({"listing_id": " a"}, "listing_id is ' a'", "the record's key"),
    ({"listing_id": "A"}, "listing_id is 'A'", "the record's key"),
]


@pytest.mark.parametrize(("fields", "got", "wanted"), REFUSED)
def test_a_refusal_names_the_listing_what_was_got_what_was_wanted_and_the_remedy(fields, got, wanted):
    error = refusal(message(fields))
    assert error.subject == "listing 'a'"
    assert error.got.startswith(got)
    assert wanted in error.wanted
    assert error.remedy
    assert str(error) == f"{error.subject}: {error.got}, {error.wanted} wanted; {error.remedy}"


@pytest.mark.parametrize(
    ("key", "got"),
    [
        (None, "no key"),
        (b"", "no key"),
        (b"  ", "a key of blanks"),
        (b"\xff\xfe", "a key that is not UTF-8"),
        (b"\xed\xa0\x80", "a key that is not UTF-8"),
        (b"x" * 257, "a key of 257 characters"),
    ],
)
@pytest.mark.parametrize("value", [None, orjson.dumps(PLAIN)])
def test_a_key_that_names_no_listing_is_refused_for_listings_and_withdrawals_alike(key, got, value):
    error = refusal(Message("listings", key, value))
    assert error.got == got
    assert error.subject.startswith("listing")
    assert len(str(error)) < 300


def test_an_id_is_taken_letter_for_letter():
    fields = {"listing_id": " é\x00 "}
    assert read_listing_event(message(fields, key=" é\x00 ".encode())).listing.listing_id == " é\x00 "
    assert read_listing_event(Message("listings", b" a ", None)).listing_id == " a "


def test_an_id_is_measured_in_characters_not_in_bytes():
    listing_id = "é" * 256
    assert read_listing_event(message({"listing_id": listing_id}, key=listing_id.encode())).listing_id == listing_id
