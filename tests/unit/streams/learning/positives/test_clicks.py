import pytest

from streams.errors import UnreadableEventError
from streams.learning.positives import Click, read_click


def test_a_line_is_a_click_and_other_fields_are_passed_over():
    line = b'{"session": "s1", "query": "Red  Lamp ", "listing_id": "L1", "occurred_at": "now", "place": 3}'
    assert read_click(line) == Click("s1", "red lamp", "L1")


def test_whole_numbers_are_names_too():
    assert read_click(b'{"session": 7, "query": 42, "listing_id": 9}') == Click("7", "42", "9")


@pytest.mark.parametrize(
    "query", ["ACME X5", " acme\tx5 ", "\N{FULLWIDTH LATIN CAPITAL LETTER A}cme x5", "acme\N{NO-BREAK SPACE}x5"]
)
def test_case_width_and_spaces_make_no_other_query(query):
    assert (
        read_click(
            b'{"session": "s", "query": "%s", "listing_id": "i"}'
            % query.encode("unicode_escape").replace(b"\\x", b"\\u00")
        ).query
        == "acme x5"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 5000, "no JSON"),
        (b'"click"', "a JSON str"),
        (b'{"query": "a", "listing_id": "i"}', "no session"),
        (b'{"session": "s", "listing_id": "i"}', "no query"),
        (b'{"session": "s", "query": "a", "listing_id": null}', "listing_id None"),
        (b'{"session": true, "query": "a", "listing_id": "i"}', "session True"),
        (b'{"session": 1.5, "query": "a", "listing_id": "i"}', "session 1.5"),
        (b'{"session": {"a": 1}, "query": "a", "listing_id": "i"}', "session {'a': 1}"),
        (b'{"session": " ", "query": "a", "listing_id": "i"}', "session ' '"),
        (b'{"session": "s", "query": "?! _", "listing_id": "i"}', "query '?! _'"),
        (b'{"session": "s", "query": "%s", "listing_id": "i"}' % (b"a" * 1001), "query of 1001 characters"),
    ],
)
def test_what_is_no_click_says_why(line, said):
    with pytest.raises(UnreadableEventError) as caught:
        read_click(line)
    assert caught.value.got.startswith(said)
    assert len(str(caught.value)) < 1500
