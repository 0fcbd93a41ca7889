import orjson
import pytest

from streams.cli.tail import _json, _words
from streams.events import Match, MatchEvent, Message


def record(**fields):
    matches = fields.pop("matches")
    event = {
        "listing_id": "a",
        "revision": 3,
        "generation": "g1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "cause": "listing b published",
        "matches": [Match(one, 0.9, {"rule": "sure"}).to_json() for one in matches],
        "added": [],
        "removed": [],
        **fields,
    }
    return Message("matches", b"a", orjson.dumps(event))


def test_an_event_in_words():
    assert _words(record(matches=["b", "c"], added=["c"], removed=["d"])) == (
        "a r3: b (0.90), c (0.90)  [+c -d] listing b published"
    )


def test_long_lists_are_counted():
    many = [f"m{n}" for n in range(7)]
    words = _words(record(matches=many, added=many))
    assert "m4 (0.90) and 2 more  [" in words
    assert "+m4 and 2 more]" in words


def test_a_list_without_a_match_and_one_with_other_similarities_only():
    assert "a r3: no match  [-b]" in _words(record(matches=[], removed=["b"]))
    assert "[similarities]" in _words(record(matches=["b"]))


def test_a_listing_that_is_gone():
    gone = Message("matches", b"a", None)
    assert _words(gone) == "a is gone"
    assert orjson.loads(_json(gone)) == {"listing_id": "a", "matches": None}


@pytest.mark.parametrize("title", ["plain", "\u00fc \U0001f45f"])
def test_json_is_the_event_itself(title):
    one = record(matches=["b"], cause=title)
    assert orjson.loads(_json(one)) == orjson.loads(one.value)
    assert MatchEvent.from_bytes(one.key, one.value).cause == title
