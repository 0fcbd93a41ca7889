from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.learning.positives import Catalogue, Click, ClickLog, Limits, choose_positives
from streams.learning.positives.similarity import by_words
from streams.learning.telling import Telling


def test_two_listings_of_one_search_are_a_pair(choose):
    assert set(choose("s1 0 c a b \n s1 9 d \n s2 0 e").pairs) == {"ab", "ac", "bc"}


def test_a_pair_counts_its_searches_queries_and_sessions(choose):
    assert choose("s1 0 a b \n s1 9 b a \n s2 0 a b b a").pairs == {"ab": (2, 2, 3.0)}


def test_categories_have_to_be_there_and_the_same(choose):
    found = choose("s 0 a b c d e", leaves={"a": "cases", "b": "cases", "c": "phones"}, same_leaf=True)
    assert set(found.pairs) == {"ab"}
    assert found.left[:2] == [10, 1]


def test_both_titles_have_to_be_like_the_query(choose):
    titles = {"a": "0", "b": "60", "c": "61"}  # cosines 1, 0.5 and 0.485 to the query at 0 degrees
    assert set(choose("s 0 a b c", titles=titles, relevance=0.5).pairs) == {"ab"}


def test_only_searches_that_titles_are_like_count(choose):
    titles = {"a": "0", "b": "10"}
    found = choose("s1 5 a b \n s2 5 a b \n s3 90 a b \n s3 180 a b", titles=titles, relevance=0.9)
    assert found.pairs == {"ab": (1, 2, 2.0)}


def test_titles_have_to_be_like_each_other(choose):
    titles = {"a": "0", "b": "60", "c": "120"}  # each 60 degrees from the next
    found = choose("s 60 a b c", titles=titles, likeness=0.5)
    assert set(found.pairs) == {"ab", "bc"}
    assert found.left[1:3] == [3, 2]


def test_a_pair_needs_so_many_sessions_not_searches(choose):
    clicks = "s1 0 a b \n s1 9 a b \n s1 8 a b \n s1 0 c d \n s2 0 c d"
    assert set(choose(clicks, sessions=2).pairs) == {"cd"}


def test_the_score_is_damped_by_how_often_each_was_clicked(choose):
    clicks = "s1 0 a b \n s2 0 a b \n s3 0 a"
    assert choose(clicks, damping=0.5).pairs["ab"][2] == pytest.approx(2 / (3 * 2) ** 0.5, abs=1e-6)
    assert choose(clicks, damping=1.0).pairs["ab"][2] == pytest.approx(2 / (3 * 2), abs=1e-6)


def test_what_everybody_clicks_is_no_pair_of_everything(choose):
    clicks = "s1 0 a b x \n s2 0 a b x \n s3 0 c d x \n s4 0 c d x \n s5 0 e x \n s6 0 f x \n s7 0 g x \n s8 0 h x"
    found = choose(clicks, damping=0.5, score=0.6)  # x is in eight searches: 2 / sqrt(2 * 8) = 0.5
    assert set(found.pairs) == {"ab", "cd"}


def test_a_listing_keeps_its_best_pairs(choose):
    clicks = "s1 0 a x \n s2 0 a x \n s3 0 a x \n s4 0 b x \n s5 0 b x \n s6 0 c x \n s7 0 c d"
    found = choose(clicks, per_listing=2)
    assert set(found.pairs) == {"ax", "bx", "cd"}
    assert found.left[-2:] == [4, 3]


def test_of_equal_pairs_the_first_listings_are_kept(choose):
    assert set(choose("s 0 x c b a", per_listing=1).pairs) == {"ab"}


def test_each_step_says_what_was_left_and_how_it_is_loosened(choose):
    found = choose("s 0 a b c", titles={"c": "90"}, same_leaf=False, likeness=0.5)
    assert found.left == [3, 3, 1, 1, 1, 1]
    assert [step.remedy.split()[1] for step in found.steps[1:]] == [
        *("--relevance", "--likeness", "--sessions", "--score", "--per-listing"),
    ]


@pytest.mark.parametrize("clicks", [[], [Click("s", "0", "a")], [Click("s", "0", "a"), Click("s", "0", "unknown")]])
def test_without_two_listings_of_one_search_there_is_nothing(choose, clicks):
    found = choose(clicks, same_leaf=True)
    assert not found.pairs
    assert set(found.left) == {0}


CATALOGUE = Catalogue(("a", "b", "c", "d"), ("0 50", "0", "50", "50 0 9"), ("l", "l", "l", "m"))
CLICKS = st.builds(Click, st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(["0", "50"]), st.sampled_from("abcdx"))


@cache
def read_words():
    return by_words(CATALOGUE.titles, Telling())


@settings(max_examples=40, deadline=None)
@given(clicks=st.lists(CLICKS, max_size=25), random=st.randoms(use_true_random=False))
def test_the_order_of_clicks_and_their_repeats_change_nothing(clicks, random):
    limits = Limits(same_leaf=True, relevance=0.1, likeness=0.2, sessions=1, score=0.2, per_listing=2)
    mixed = random.sample(clicks, len(clicks)) + random.sample(clicks, len(clicks) // 2)
    results = [
        choose_positives(ClickLog.of(each, CATALOGUE.listing_ids, 9), CATALOGUE, read_words(), limits)
        for each in (clicks, mixed)
    ]
    assert results[0] == results[1]


@settings(max_examples=40, deadline=None)
@given(clicks=st.lists(CLICKS, max_size=25))
def test_searches_queries_and_sessions_are_counted_as_a_loop_counts_them(clicks):
    limits = Limits(same_leaf=False, relevance=-1, likeness=-1, sessions=1, damping=0, score=0)
    log = ClickLog.of(clicks, CATALOGUE.listing_ids, 99)
    found = choose_positives(log, CATALOGUE, read_words(), limits).positives
    by_pair = {}
    for one in clicks:
        for other in clicks:
            if (one.session, one.query) == (other.session, other.query) and one.listing_id < other.listing_id != "x":
                by_pair.setdefault((one.listing_id, other.listing_id), set()).add((one.session, one.query))
    assert {(one.a, one.b): (one.queries, one.sessions, one.score) for one in found} == {
        pair: (len({query for _, query in at}), len({session for session, _ in at}), len(at))
        for pair, at in by_pair.items()
    }
