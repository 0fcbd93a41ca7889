"""What the stages send each other and tell subscribers comes back as it was; what is not theirs is refused."""

from datetime import UTC, datetime, timedelta

import numpy as np
import orjson
import pytest
from fakes.old_embeddings import as_json, fields_of
from fakes.rows import bits, random_dense, random_sparse
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import NOTHING_GENERATED, Generated, Modality, Tag
from streams.errors import UnreadableEventError
from streams.events import EmbeddingEvent, Mark, Match, MatchEvent, Message, Position, Version
from streams.events.records import dead_letter_headers

RNG = np.random.default_rng(3)
EMBEDDING = EmbeddingEvent(
    listing_id="s1-ü",
    version=Version(stated=True, number=2**63 - 1, digest="d"),
    position=Position(1_700_000_000_000, 2**40),
    listing={"listing_id": "s1-ü", "title": "x", "extra": {"ä": [1, None, 2.5]}},
    embedding={Modality.TEXT: random_dense(RNG, 8), Modality.LEXICAL: random_sparse(RNG)},
    seals={"title": "a.b"},
    failures={"image": "image 'x': 404 got, 200 wanted; mend the link"},
    generated=Generated("ein rötlicher Becher", {"colour": Tag("red", 0.97)}),
)
WITHDRAWAL = EmbeddingEvent("a", None, Position(5, 1))
MATCHES = MatchEvent(
    listing_id="s1-9",
    revision=3,
    generation="g1",
    cause="listing s7-2 published",
    matches=(Match("s7-2", 0.94, {"image": 0.91, "rule": "combined>=0.90"}),),
    added=("s7-2",),
    removed=("s8-1",),
    occurred_at="2026-01-01T00:00:00Z",
    overruled=(Match("s9-4", 0.97, {"text": 0.97, "rule": "judged different", "unjudged": "match"}),),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("written", [EmbeddingEvent.to_bytes, as_json], ids=["now", "before"])
def test_an_embedding_event_comes_back_with_its_rows_bit_for_bit(written):
    back = EmbeddingEvent.from_bytes("s1-ü".encode(), written(EMBEDDING))
    assert bits(back.embedding) == bits(EMBEDDING.embedding)
    assert [getattr(back, name) for name in EmbeddingEvent.__slots__ if name != "embedding"] == [
        getattr(EMBEDDING, name) for name in EmbeddingEvent.__slots__ if name != "embedding"
    ]


@pytest.mark.parametrize("version", [None, Version(stated=True, number=0, withdrawn=True)])
def test_a_withdrawal_comes_back(version):
    sent = EmbeddingEvent("a", version, Position(5, 1))
    assert EmbeddingEvent.from_bytes(b"a", sent.to_bytes()) == sent
    assert EmbeddingEvent.from_bytes(b"a", as_json(sent)) == sent


def test_an_embedding_event_says_what_happened():
    assert (EMBEDDING.cause, WITHDRAWAL.cause) == ("listing s1-ü published", "listing a withdrawn")


def test_an_embedding_event_from_before_anything_was_generated_says_that_nothing_was():
    assert EmbeddingEvent.from_bytes(b"a", without("generated")).generated == NOTHING_GENERATED
    assert b'"generated"' not in WITHDRAWAL.to_bytes()


def without(field):
    return orjson.dumps({name: one for name, one in fields_of(EMBEDDING).items() if name != field})


def with_other(field, value):
    return orjson.dumps(fields_of(EMBEDDING) | {field: value})


NOT_EMBEDDINGS = [
    None,
    b"",
    b"{",
    b"[]",
    b"null",
    b"3",
    without("version"),
    without("embedding"),
    with_other("version", [1]),
    with_other("version", "abcd"),
    with_other("position", [1, 2, 3]),
    with_other("embedding", [1]),
    with_other("embedding", {"text": "?"}),
    with_other("embedding", {"smell": "AAAA"}),
    with_other("generated", "a mug"),
    with_other("generated", {"caption": ["a mug"]}),
    with_other("generated", {"tags": {"colour": {"word": "red", "probability": 2}}}),
]


@pytest.mark.parametrize("value", NOT_EMBEDDINGS)
def test_what_is_no_embedding_event_is_refused_with_a_remedy(value):
    with pytest.raises(UnreadableEventError, match=r"^embeddings of b'a': .* wanted; give each generation") as caught:
        EmbeddingEvent.from_bytes(b"a", value)
    assert caught.value.__cause__ is not None


def test_an_embedding_event_under_a_key_that_is_no_text_is_refused():
    with pytest.raises(UnreadableEventError, match=r"embeddings of b'.xff'"):
        EmbeddingEvent.from_bytes(b"\xff", EMBEDDING.to_bytes())


@given(TEXT, TEXT)
def test_a_mark_comes_back(listing_id, cause):
    mark = Mark(listing_id, cause)
    assert Mark.from_bytes(listing_id.encode(), mark.to_bytes()) == mark


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"null", b"{}", b"\xff"])
def test_a_mark_without_a_readable_cause_is_still_a_mark(value):
    assert Mark.from_bytes(b"a", value) == Mark("a", "")


def test_a_mark_under_a_key_that_is_no_text_marks_nobody_that_exists():
    assert Mark.from_bytes(b"\xff", None).listing_id == "�"


def test_match_events_come_back():
    assert MatchEvent.from_bytes(b"s1-9", MATCHES.to_bytes()) == MATCHES


def test_an_empty_list_is_news_and_no_tombstone():
    empty = MatchEvent("a", 2, "g1", "listing b withdrawn", (), removed=("b",), occurred_at="2026-01-01T00:00:00Z")
    assert MatchEvent.from_bytes(b"a", empty.to_bytes()) == empty


def test_a_listing_that_is_gone_is_a_tombstone_and_comes_back_as_one():
    gone = MatchEvent("a", 4, "g1", "listing a withdrawn", None, removed=("b",))
    assert gone.to_bytes() is None
    assert MatchEvent.from_bytes(b"a", None) == MatchEvent("a", 0, "", "", None)


def test_fields_that_a_later_version_adds_are_ignored():
    value = orjson.loads(MATCHES.to_bytes())
    value["matches"][0]["since"] = "2026"
    assert MatchEvent.from_bytes(b"s1-9", orjson.dumps(value | {"products": []})) == MATCHES


def test_a_match_event_that_is_told_no_time_tells_the_time_of_writing():
    before = datetime.now(UTC)
    told = orjson.loads(MatchEvent("a", 1, "g1", "", ()).to_bytes())["occurred_at"]
    assert told.endswith("Z")
    assert abs(datetime.fromisoformat(told) - before) < timedelta(seconds=60)


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b"null", b"{}", orjson.dumps(orjson.loads(MATCHES.to_bytes()) | {"matches": [{}]})]
)
def test_what_is_no_match_event_is_refused_with_a_remedy(value):
    with pytest.raises(UnreadableEventError, match=r"^match event of b'a': .*match-event.json says wanted; let nobody"):
        MatchEvent.from_bytes(b"a", value)


def test_a_dead_letter_tells_why_and_from_where_beside_the_original_headers():
    message = Message("listings", b"a", b"{", partition=3, offset=41, timestamp_ms=99, headers={"trace": b"\x00\x01"})
    assert dead_letter_headers(message, "listing 'ü': no JSON") == {
        "trace": b"\x00\x01",
        "matchstream.reason": "listing 'ü': no JSON".encode(),
        "matchstream.topic": b"listings",
        "matchstream.partition": b"3",
        "matchstream.offset": b"41",
        "matchstream.timestamp-ms": b"99",
    }


def test_a_dead_letter_published_again_that_fails_again_tells_the_newer_reason():
    first = dead_letter_headers(Message("listings", b"a", b"{", offset=1), "one")
    second = dead_letter_headers(Message("listings", b"a", b"[", offset=2, headers=first), "two")
    assert (second["matchstream.reason"], second["matchstream.offset"]) == (b"two", b"2")
    assert second.keys() == first.keys()


def test_a_reason_that_no_utf_8_can_hold_is_told_as_well_as_it_can_be():
    assert dead_letter_headers(Message("listings", None, None), "got \ud800")["matchstream.reason"] == b"got ?"
