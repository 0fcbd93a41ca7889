"""What a payload says, there and back."""

import orjson
from fakes.hash_encoder import HashEncoder

from encoders.types import Content
from streams.events import Judgement, Match, MatchList, Position, Standing, Verdict, Version
from streams.events.rows import same_rows
from streams.index import Point, View
from streams.matching import Details
from streams.matching.details import Described
from streams.stages import state
from streams.stages.state import Untold

EMBEDDING = HashEncoder().encode([Content("red shoe", b"shoe 1")])[0].embedding

WORDS = Details("red shoe", brand="ACME", attributes=(("size", "42"),))


def through_json(payload):
    return orjson.loads(orjson.dumps(payload))


def test_a_listing_nobody_heard_of_has_no_version():
    assert state.standing_of({}) == Standing()


def test_a_standing_comes_back():
    standing = Standing(Version(stated=True, number=3, digest="d"), Position(5, 7), Position(4, 1))
    assert state.standing_of(through_json({state.STANDING: standing.to_json()})) == standing


def test_a_record_keeps_its_embeddings_in_order_and_bit_for_bit():
    payload = through_json(state.pending_record([Described({}), Described(EMBEDDING, WORDS)], View.BLENDED))
    first, second = state.pending_of(Point("a", payload), View.BLENDED)
    assert first == Described({})
    assert same_rows(second.embedding, EMBEDDING)
    assert second.details == WORDS


def test_a_record_of_nothing_replaced_is_a_record():
    payload = through_json(state.pending_record([], View.RAW))
    assert state.pending_of(Point("a", payload), View.RAW) == []
    assert state.pending_of(Point("a", {}), View.RAW) is None


def test_records_and_modalities_of_the_two_views_are_apart():
    raw_only = Point("a", through_json(state.pending_record([Described({})], View.RAW)))
    assert state.pending_of(raw_only, View.BLENDED) is None
    assert len({*state.PENDING.values(), *state.MODALITIES.values()}) == 4


def test_no_list_is_not_an_empty_list():
    assert state.matches_of({}) is None
    assert state.matches_of({state.MATCHES: []}) == MatchList()


def test_a_list_comes_back():
    match = Match("b", 0.9147, {"image": 0.9147, "rule": "combined>=0.70"})
    stored = through_json({state.MATCHES: [match.to_json()], state.REVIEW: [match.to_json()]})
    assert state.matches_of(stored) == MatchList((match,), (match,))


def test_what_was_told_comes_back_even_if_it_was_nothing():
    assert Untold.of({}) is None
    for untold in (Untold(()), Untold(("a", "b"))):
        assert Untold.of(through_json({state.UNTOLD: untold.to_json()})) == untold


def test_stages_share_no_field():
    index = {state.LISTING, state.STANDING, state.SEALS, state.FAILURES}
    blend, match = {state.RADIUS}, {state.MATCHES, state.REVISION, state.UNTOLD}
    views = {*state.PENDING.values(), *state.MODALITIES.values()}
    assert len(index | blend | match | views) == 12


def test_a_judgement_stands_in_a_field_of_its_own_under_each_of_the_two():
    same, other = Judgement.on("b", "a.[0]", Verdict.SAME, by="eva"), Judgement.on("a.[0]", "c", Verdict.DIFFERENT)
    payload = through_json(dict([state.judged_field(same, "a.[0]"), state.judged_field(other, "a.[0]")]))
    assert len(payload) == 2
    assert state.verdicts_of(payload) == {"b": Verdict.SAME, "c": Verdict.DIFFERENT}
    assert state.verdicts_of(through_json(dict([state.judged_field(same, "b")]))) == {"a.[0]": Verdict.SAME}


def test_a_judgement_that_was_taken_back_is_none():
    taken_back = Judgement.on("a", "b", None)
    assert state.verdicts_of(through_json(dict([state.judged_field(taken_back, "a")]))) == {}
