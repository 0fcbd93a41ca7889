"""The shortlist never drops whom the exhaustive computation keeps, although searches are cut and inexact."""

import numpy as np
from fakes.references import is_match
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import Modality
from streams.matching import Combination, Policy
from streams.matching.policy import SLACK
from streams.matching.shortlist import bounds_of, may_miss, shortlist
from streams.matching.similarity import DECIMALS, combine

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
EVEN = Policy(weights=dict.fromkeys(Modality, 1.0), match_threshold=0.8)
PRODUCT = EVEN.model_copy(update={"combination": Combination.PRODUCT})

COSINES = (st.floats(-1, 1) | st.floats(0.5, 1)).map(lambda cosine: round(cosine, DECIMALS))
LISTINGS = st.lists(st.dictionaries(st.sampled_from(Modality), COSINES, min_size=1), min_size=1, max_size=12)
POLICIES = st.builds(
    lambda combination, weights, threshold, sure: Policy(
        combination=combination, weights=weights, match_threshold=threshold, sure_thresholds=sure
    ),
    st.sampled_from(Combination),
    st.dictionaries(st.sampled_from(Modality), st.floats(0.25, 4.0), min_size=1),
    st.floats(0.05, 1.0) | st.just(1.0),
    st.dictionaries(st.sampled_from(Modality), st.floats(0.5, 1.0), max_size=2),
)


@st.composite
def crowds(draw):
    """Listings with their true similarities, those an engine sees, a policy and the limit of its searches.

    One of them may have the threshold itself as its combined similarity, where an error shows first.
    """
    truth = {f"l{i}": one for i, one in enumerate(draw(LISTINGS))}
    policy = draw(POLICIES)
    one = draw(st.sampled_from(sorted(truth)))
    exact = true_combined(truth[one], policy)
    if exact > 0 and draw(st.booleans()):
        policy = policy.model_copy(update={"match_threshold": exact})
    error = st.floats(-SLACK, SLACK)
    seen = {i: {m: s + draw(error) for m, s in single.items()} for i, single in truth.items()}
    return truth, seen, policy, draw(st.integers(1, 8))


def true_combined(single, policy):
    return float(combine({m: np.array([s]) for m, s in single.items()}, policy, (1,))[0])


def search(seen, floors, limit):
    """What an engine returns for each modality: the nearest, down to the floor, at most the limit."""
    hits = {}
    for modality, floor in floors.items():
        near = [(-one[modality], i) for i, one in seen.items() if one.get(modality, -2.0) >= floor]
        hits[modality] = {i: -negative for negative, i in sorted(near)[:limit]}
    return hits


def matching(truth, policy):
    """Who matches, by the whole computation."""
    single = {m: np.array([one.get(m, np.nan) for one in truth.values()]) for m in Modality}
    found = is_match(combine(single, policy, (len(truth),)), single, policy)
    return {i for i, matches in zip(truth, found.tolist(), strict=True) if matches}


def shortlisted(seen, policy, limit):
    floors = policy.match_floors
    hits = search(seen, floors, limit)
    bounds = bounds_of(hits, floors, limit)
    return hits, set(shortlist(hits, {i: set(one) for i, one in seen.items()}, bounds, policy.match_threshold, policy))


@given(crowds())
def test_whoever_matches_and_was_returned_by_a_search_is_on_the_shortlist(crowd):
    truth, seen, policy, limit = crowd
    hits, kept = shortlisted(seen, policy, limit)
    returned = {i for found in hits.values() for i in found}
    assert matching(truth, policy) & returned <= kept


@given(crowds())
def test_searches_that_were_not_cut_return_whoever_matches(crowd):
    truth, _, policy, _ = crowd
    _, kept = shortlisted(truth, policy, limit=len(truth) + 1)
    assert matching(truth, policy) <= kept


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(Modality, COSINES)), min_size=1, max_size=12),
    POLICIES,
    st.integers(1, 8),
)
def test_where_nobody_may_be_missed_nobody_who_has_all_modalities_is(listings, policy, limit):
    truth = {f"l{i}": one for i, one in enumerate(listings)}
    floors = policy.match_floors
    hits, kept = shortlisted(truth, policy, limit)
    if not may_miss(hits, bounds_of(hits, floors, limit), limit, policy.match_threshold, policy):
        assert matching(truth, policy) <= kept


def test_errors_of_several_modalities_that_add_up_drop_nobody():
    hits = {modality: {"a": 0.2 - SLACK} for modality in Modality}
    exactly = 1 - 0.8**3
    assert shortlist(hits, {"a": set(Modality)}, dict.fromkeys(Modality, 0.1), exactly, PRODUCT) == ["a"]


def test_who_is_far_in_every_modality_is_dropped_before_its_rows_are_read():
    hits = {IMAGE: {"near": 0.9, "far": 0.81}, TEXT: {"near": 0.9}}
    modalities = {"near": {IMAGE, TEXT}, "far": {IMAGE, TEXT}}
    assert shortlist(hits, modalities, {IMAGE: 0.8, TEXT: 0.6}, 0.8, EVEN) == ["near"]


def test_who_lacks_a_modality_is_judged_by_the_others():
    hits = {IMAGE: {"a": 0.81}, TEXT: {}}
    bounds = {IMAGE: 0.8, TEXT: 0.6}
    assert shortlist(hits, {"a": {IMAGE}}, bounds, 0.8, EVEN) == ["a"]
    assert shortlist(hits, {"a": {IMAGE, TEXT}}, bounds, 0.8, EVEN) == []


def test_who_is_sure_is_kept_however_little_the_rest_says():
    sure = EVEN.model_copy(update={"sure_thresholds": {IMAGE: 0.95}})
    hits = {IMAGE: {"a": 0.96}, TEXT: {}}
    assert shortlist(hits, {"a": {IMAGE, TEXT}}, {IMAGE: 0.9, TEXT: -0.9}, 0.8, sure) == ["a"]


def test_the_shortlist_is_sorted_by_id():
    hits = {TEXT: {"c": 0.9, "a": 0.95, "b": 0.99}}
    assert shortlist(hits, {i: {TEXT} for i in "abc"}, {TEXT: 0.8}, 0.8, EVEN) == ["a", "b", "c"]


def test_what_a_search_did_not_return_is_at_most_its_last_hit_if_it_was_cut_and_else_its_floor():
    hits = {IMAGE: {"a": 0.95, "b": 0.9}, TEXT: {"a": 0.95}, LEXICAL: {}}
    assert bounds_of(hits, dict.fromkeys(Modality, 0.8), limit=2) == {IMAGE: 0.9, TEXT: 0.8, LEXICAL: 0.8}


def test_searches_that_were_not_cut_miss_nobody():
    hits = {IMAGE: {"a": 1.0}, TEXT: {}}
    assert not may_miss(hits, {IMAGE: 1.0, TEXT: 1.0}, 2, 0.8, EVEN)


def test_a_cut_search_may_miss_whom_its_last_hit_does_not_exclude():
    hits = {IMAGE: {"a": 1.0, "b": 0.95}, LEXICAL: {}}
    assert may_miss(hits, {IMAGE: 0.95, LEXICAL: 0.65}, 2, 0.8, EVEN)
    assert not may_miss(hits, {IMAGE: 0.95, LEXICAL: 0.6}, 2, 0.8, EVEN)
    assert may_miss(hits, {IMAGE: 0.95, LEXICAL: 0.6}, 2, 0.8, PRODUCT)


def test_a_cut_search_may_miss_who_is_sure():
    sure = EVEN.model_copy(update={"sure_thresholds": {IMAGE: 0.95}})
    hits = {IMAGE: {"a": 1.0, "b": 0.95}, LEXICAL: {}}
    assert may_miss(hits, {IMAGE: 0.95, LEXICAL: 0.1}, 2, 0.8, sure)
