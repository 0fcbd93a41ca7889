"""Headers come as they came: in order, names may repeat, a value may be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Message
from streams.events.headers import Headers, read_told, told_headers
from streams.events.listings import read_listing_event
from streams.events.records import dead_letter_headers, original_headers

PAIRS = (("trace", b"1"), ("empty", None), ("trace", b"2"), ("matchstream.reason", b"lies"))


def test_the_last_of_a_name_counts_and_all_are_kept():
    headers = Headers(PAIRS)
    assert headers["trace"] == b"2"
    assert list(headers) == ["trace", "empty", "matchstream.reason"]
    assert (len(headers), headers.pairs) == (3, PAIRS)
    assert headers.get("other") is None


def test_they_are_the_same_with_the_same_pairs_and_equal_a_mapping_as_one():
    one, other = Headers([("a", b"1"), ("a", b"2")]), Headers([("a", b"2")])
    assert one != other
    assert one == {"a": b"2"} == other
    assert Headers.of(one) is one
    assert Headers.of({"a": b"2"}) == other
    assert hash(other) == hash(Headers.of({"a": b"2"}))
    assert one != "a"
    assert repr(other) == "Headers([('a', b'2')])"


def test_a_dead_letter_has_all_of_the_sender_s_and_ours_once():
    first = dead_letter_headers(Message("listings", b"a", b"{", headers=Headers(PAIRS)), "no JSON")
    again = dead_letter_headers(Message("listings", b"a", b"{", headers=first), "still none")
    for letter, reason in ((first, b"no JSON"), (again, b"still none")):
        assert original_headers(letter).pairs == PAIRS[:3]
        assert letter["matchstream.reason"] == reason
    assert [name for name, _ in again.pairs] == [name for name, _ in first.pairs]


def test_of_versions_the_last_counts_and_one_without_a_value_is_none():
    def version(*values):
        headers = Headers([("version", value) for value in values])
        return read_listing_event(Message("listings", b"a", None, headers=headers)).version

    assert version(b"no number", b"7").number == 7
    assert version(b"7", None) is version() is None


@given(revision=st.integers(0, 10**18 - 1), generation=st.text(max_size=20))
def test_what_a_tombstone_says_of_itself_comes_back(revision, generation):
    assert read_told(told_headers(revision, generation)) == (revision, generation)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"matchstream.revision": b"7"} | {"matchstream.generation": b"\xff"},
        *(
            {"matchstream.revision": one, "matchstream.generation": b"g1"}
            for one in (None, b"", b"-1", b"x", b"9" * 19)
        ),
    ],
)
def test_headers_that_are_not_ours_say_nothing_of_a_tombstone(headers):
    assert read_told(headers) == (0, "")
