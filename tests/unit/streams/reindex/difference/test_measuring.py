"""What the lists say of judged and labelled pairs, worked by hand."""

import pytest
from scipy.stats import binomtest

from streams.events import Match, MatchEvent
from streams.matching.grouping import links_of
from streams.reindex.difference.judged import Judged, figures_of, interval
from streams.reindex.difference.labelled import label_of, rates_of
from streams.reindex.difference.seen import NOT_SEEN, Place, Seen, Sights


def match(listing_id, similarity=0.9, rule="combined>=0.60", **evidence):
    return Match(listing_id, similarity, {"rule": rule, **evidence})


def event(listing_id, matches=(), review=(), overruled=()):
    return MatchEvent(listing_id, 1, "g2", "why", matches, review=review, overruled=overruled)


MATCHED = Seen(Place.MATCH, match("b"))
JUDGED_SAME = Seen(Place.MATCH, match("b", 0.3, "judged same", unjudged="no"))
OVERRULED = Seen(Place.OVERRULED, match("b", 0.9, "judged different", unjudged="match"))
REVIEWED = Seen(Place.REVIEW, match("b", 0.5))


@pytest.mark.parametrize(
    ("seen", "alone"),
    [
        (MATCHED, True),
        (JUDGED_SAME, False),
        (Seen(Place.MATCH, match("b", 0.9, "judged same", unjudged="match")), True),
        (Seen(Place.MATCH, match("b", 0.5, "judged same", unjudged="review")), False),
        (OVERRULED, True),
        (REVIEWED, False),
        (NOT_SEEN, False),
    ],
)
def test_what_the_model_alone_would_match(seen, alone):
    assert seen.matched_alone is alone


def test_the_score_is_the_probability_where_there_is_one():
    assert Seen(Place.MATCH, match("b", 0.4, probability=0.8)).score == 0.8
    assert (MATCHED.score, NOT_SEEN.score) == (0.9, -1.0)


def test_judged_pairs_count_as_the_models_alone_decide():
    judged = [
        Judged(("a", "b"), True, "", JUDGED_SAME, MATCHED),
        Judged(("a", "c"), True, "", MATCHED, MATCHED),
        Judged(("a", "d"), False, "", OVERRULED, NOT_SEEN),
        Judged(("a", "e"), False, "", REVIEWED, OVERRULED),
        Judged(("a", "f"), True, "", REVIEWED, NOT_SEEN),
    ]
    figures = figures_of(judged)
    assert (figures.same, figures.different) == (3, 2)
    assert (figures.before.right, figures.before.found, figures.before.true) == (1, 2, 3)
    assert (figures.after.right, figures.after.found, figures.after.true) == (2, 3, 3)
    assert [(one.disagreed, one.mended) for one in judged] == [
        (True, True),
        (False, False),
        (True, True),
        (True, False),
        (False, False),
    ]


@pytest.mark.parametrize(("right", "total"), [(0, 3), (3, 3), (7, 9), (40, 90)])
def test_intervals_are_those_of_clopper_and_pearson(right, total):
    wanted = binomtest(right, total).proportion_ci(0.95, method="exact")
    found = interval(right, total)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert found.share == right / total


def test_of_no_pair_there_is_no_share():
    assert interval(0, 0) is None


def test_the_last_event_of_a_listing_counts():
    sights = Sights([("a", "b"), ("a", "c")])
    sights.learn(event("a", matches=(match("b"), match("x")), review=(match("c"),)))
    assert (sights.of(("a", "b")).place, sights.of(("a", "c")).place) == (Place.MATCH, Place.REVIEW)
    sights.learn(event("a", overruled=(match("b"),)))
    assert (sights.of(("a", "b")).place, sights.of(("a", "c"))) == (Place.OVERRULED, NOT_SEEN)
    sights.learn(event("a", matches=None))
    assert sights.of(("a", "b")) == NOT_SEEN


def test_a_pair_that_is_listed_on_one_side_only_is_seen_there():
    sights = Sights([("a", "b")])
    sights.learn(event("a", review=(match("b"),)))
    sights.learn(event("b", matches=(match("a", 0.7),)))
    assert sights.of(("a", "b")) == Seen(Place.MATCH, match("a", 0.7))


def test_only_what_is_asked_for_is_kept():
    sights = Sights([("a", "b")])
    assert (sights.wants("a"), sights.wants("b"), sights.wants("c")) == (True, True, False)


def test_lists_beside_labels():
    lists = {"a": links_of([match("b"), match("c")]), "b": links_of([match("a")]), "c": {}, "d": {}, "e": {}}
    found = rates_of(lists, {"a": "1", "b": "1", "c": "2", "d": "1"})
    assert (found.right, found.found, found.true) == (1, 2, 3)
    assert rates_of(lists, {"a": "1", "b": "1"}).f1 == 1.0


@pytest.mark.parametrize(("value", "label"), [(" x ", "x"), (7, "7"), (True, ""), (None, ""), (["x"], ""), ("", "")])
def test_a_label_is_text_or_a_whole_number(value, label):
    assert label_of(value) == label
