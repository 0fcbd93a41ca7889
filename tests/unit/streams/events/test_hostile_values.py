"""Values that break parsers, stores or logs further on: each is refused in one short line, or read without harm."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableEventError
from streams.events import EmbeddingEvent, Judgement, MatchEvent, Message, Verdict, read_listing_event
from streams.events.listings import MAX_NESTING
from streams.events.products import ProductEvent
from streams.events.rows import embedding_from_json


def read(value: bytes):
    return read_listing_event(Message("listings", b"a", value))


def with_field(json: str) -> bytes:
    return b'{"listing_id": "a", "title": "x", "extra": ' + json.encode() + b"}"


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00",
        b"\xff\xd8\xff\xe0 a photo",
        b"{",
        b"{'listing_id': 'a'}",
        b'\xef\xbb\xbf{"listing_id": "a", "title": "byte order mark"}',
        b'{"listing_id": "a", "title": "\xff"}',
        b'{"listing_id": "a", "title": "a raw \x00"}',
        b'{"listing_id": "a", "title": "x"} {}',
        with_field("NaN"),
        with_field("1e999"),
    ],
)
def test_what_is_no_json_is_refused(value):
    with pytest.raises(UnreadableEventError, match=r"listing 'a': no JSON \(.*, a JSON object wanted"):
        read(value)


@pytest.mark.parametrize(
    ("value", "got"),
    [(b"[]", "list"), (b"null", "NoneType"), (b'"x"', "str"), (b"3", "int"), (b"true", "bool")],
)
def test_json_that_is_no_object_is_refused(value, got):
    with pytest.raises(UnreadableEventError, match=f"a JSON {got}, a JSON object wanted"):
        read(value)


@pytest.mark.parametrize("title", [rb"\ud800", rb"\udc00\ud800", b"\xed\xa0\x80"])
def test_a_lone_surrogate_is_refused_because_no_utf_8_can_hold_it(title):
    with pytest.raises(UnreadableEventError, match="no JSON"):
        read(b'{"listing_id": "a", "title": "' + title + b'"}')


def test_an_escaped_nul_is_a_character_like_others():
    assert read(rb'{"listing_id": "a", "title": "x\u0000y"}').listing.title == "x\0y"


def test_of_a_field_that_comes_twice_the_last_one_counts():
    found = read(b'{"listing_id": "b", "listing_id": "a", "title": "x", "title": "y"}')
    assert (found.listing.listing_id, found.raw) == ("a", {"listing_id": "a", "title": "y"})


def test_json_as_deep_as_allowed_is_read_and_sent_on():
    found = read(with_field(nested(MAX_NESTING - 1)))
    sent = EmbeddingEvent("a", found.version, found.position, found.raw).to_bytes()
    assert EmbeddingEvent.from_bytes(b"a", sent).listing == orjson.loads(with_field(nested(MAX_NESTING - 1)))


@pytest.mark.parametrize("levels", [MAX_NESTING, 60, 126, 254, 1_000])
@pytest.mark.parametrize("start", ['{"listing_id":"a","title":', '{"listing_id":"a","title":"x","attributes":{"b":'])
def test_json_deeper_than_the_index_can_hold_is_refused(levels, start):
    value = start + nested(levels) + ("}}" if "attributes" in start else "}")
    with pytest.raises(UnreadableEventError, match="nested more than 20 deep"):
        read(value.encode())


@pytest.mark.parametrize("number", [2**63, 2**64 - 1])
@pytest.mark.parametrize("place", ["%d", "[[%d]]", '{"b": [1, %d]}'])
def test_a_whole_number_beyond_what_the_index_can_hold_is_refused(number, place):
    with pytest.raises(UnreadableEventError, match=f"the number {number}, at most 9223372036854775807 wanted"):
        read(with_field(place % number))


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), -0.0, 5e-324, 1.7976931348623157e308])
def test_the_numbers_at_the_edges_are_kept_bit_for_bit(number):
    kept = read(with_field(repr(number))).raw["extra"]
    assert (type(kept), repr(kept)) == (type(number), repr(number))


def test_a_title_of_a_megabyte_is_refused_in_one_short_line():
    with pytest.raises(UnreadableEventError, match="at most 5000 characters") as caught:
        read(orjson.dumps({"listing_id": "a", "title": "x" * 1_000_000}))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("key", [b"a\nb", b"\n", b"\n" * 300, b"\xff\n"])
def test_a_refusal_is_one_line_whatever_the_key(key):
    with pytest.raises(UnreadableEventError) as caught:
        read_listing_event(Message("listings", key, b"{}"))
    assert len(str(caught.value).splitlines()) == 1


def refused_in_one_line(message):
    """Whether it is; anything worse is raised."""
    try:
        read_listing_event(message)
    except UnreadableEventError as error:
        return len(str(error).splitlines()) == 1
    return False


@given(st.binary(max_size=60), st.none() | st.binary(max_size=20))
def test_no_bytes_whatever_do_worse_than_being_refused(value, key):
    assert refused_in_one_line(Message("listings", key, value))


@given(st.binary(max_size=20))
def test_no_header_whatever_does_worse_than_being_refused(header):
    assert refused_in_one_line(Message("listings", b"a", None, headers={"version": header})) or header.isdigit()


JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["listing_id", "title", "image", "price", "currency", "gtin", "attributes", "version", "model_config", "extra"]
)


@given(st.dictionaries(NAMES, JSON_VALUE, max_size=6))
def test_no_object_whatever_does_worse_than_being_refused(fields):
    try:
        value = orjson.dumps({"listing_id": "a", "title": "x"} | fields)
    except TypeError:  # a lone surrogate
        return
    try:
        found = read(value)
    except UnreadableEventError:
        return
    sent = EmbeddingEvent("a", found.version, found.position, found.raw).to_bytes()
    assert EmbeddingEvent.from_bytes(b"a", sent).listing == found.raw


@pytest.mark.parametrize(
    "key",
    [
        b'"AB"',
        b'{"A": 1, "B": 2}',
        b'["B", "A"]',
        b'["A", "A"]',
        b'["A", "B", "C"]',
        b'["A"]',
        b'["", "B"]',
        b'["A", 2]',
        b'["' + b"A" * 257 + b'", "B"]',
        b"[" * 10_000,
        None,
    ],
)
def test_a_judgement_under_another_key_than_two_ids_in_order_is_refused(key):
    with pytest.raises(UnreadableEventError, match="wanted; write judgements") as caught:
        Judgement.from_bytes(key, b'{"verdict": "same"}')
    assert len(str(caught.value)) < 500


def test_a_judgement_on_the_longest_ids_is_read():
    one, other = "A" * 256, "B" * 256
    assert Judgement.from_bytes(orjson.dumps([one, other]), b'{"verdict": "same"}').verdict is Verdict.SAME


@pytest.mark.parametrize("event", [EmbeddingEvent, MatchEvent, ProductEvent])
def test_a_refusal_is_one_short_line_whatever_somebody_else_wrote(event):
    for key, value in ((b"x\n" * 5_000, b"{}"), (b"\xff", orjson.dumps({"a\n" * 9_000: 1})), (b"a", b"[" * 9_000)):
        with pytest.raises(UnreadableEventError) as caught:
            event.from_bytes(key, value)
        assert len(str(caught.value)) < 700
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["listing", "seals", "failures"])
@pytest.mark.parametrize("value", [5, "x", [["title", "x"]], True])
def test_an_embedding_whose_parts_are_no_objects_is_refused(name, value):
    fields = {"version": None, "position": [1, 2], "listing": None, "embedding": {}, "seals": {}, "failures": {}}
    assert EmbeddingEvent.from_bytes(b"a", orjson.dumps(fields)).listing is None
    with pytest.raises(UnreadableEventError, match="in place of an object"):
        EmbeddingEvent.from_bytes(b"a", orjson.dumps({**fields, name: value}))


@pytest.mark.parametrize("position", [[1.5, 2], ["1", 2], [None, 2], [1e30, 2], [1], [1, 2, 3]])
def test_a_position_of_other_than_two_whole_numbers_is_refused(position):
    fields = {"version": None, "position": position, "listing": None, "embedding": {}, "seals": {}, "failures": {}}
    with pytest.raises(UnreadableEventError, match="a value that is not ours"):
        EmbeddingEvent.from_bytes(b"a", orjson.dumps(fields))


def test_a_sparse_row_of_two_lengths_is_refused():
    with pytest.raises(ValueError, match="2 indices and 1 values"):
        embedding_from_json({"lexical": ["AAAAAAEAAAA=", "AACAPw=="]})
