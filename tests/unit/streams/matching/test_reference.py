"""The reference: the whole computation at once."""

import random

import pytest
from fakes.references import list_of, reference_matches
from fakes.rows import axis, dense

from encoders.types import Modality
from streams.matching import Policy, Table, blended, neighborhood, similarities

TEXT, IMAGE = Modality.TEXT, Modality.IMAGE
MEAN = Policy.model_validate(
    {
        "weights": {"image": 1, "text": 2, "lexical": 0.5},
        "blend": {"neighbors": 3, "threshold": 0.6},
        "match_threshold": 0.75,
        "sure_thresholds": {"image": 0.97},
    }
)
PRODUCT = MEAN.model_copy(update={"combination": "product", "match_threshold": 0.97})
UNBLENDED = MEAN.model_copy(update={"blend": MEAN.blend.model_copy(update={"neighbors": 0})})
CUT = MEAN.model_copy(update={"list_limit": 2})
POLICIES = pytest.mark.parametrize("policy", [MEAN, PRODUCT, UNBLENDED, CUT], ids=["mean", "product", "plain", "cut"])


def pairs(lists):
    return {(a, match.listing_id) for a, found in lists.items() for match in found}


@POLICIES
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_what_plain_loops_compute(policy, seed, catalogue, naive_pairs):
    raw = catalogue(40, seed)
    assert {frozenset(map(str, one)) for one in raw.values()} >= {frozenset({"image"}), frozenset({"text", "lexical"})}
    found = reference_matches(raw, policy)
    assert any(found.values())
    wanted = naive_pairs(raw, policy)
    assert {i: [match.listing_id for match in one] for i, one in found.items()} == {
        i: [other for other, _ in one] for i, one in wanted.items()
    }
    for i, one in found.items():
        assert [match.similarity for match in one] == pytest.approx([s for _, s in wanted[i]], abs=1e-4)


@pytest.mark.parametrize("policy", [MEAN, PRODUCT, UNBLENDED], ids=["mean", "product", "plain"])
def test_who_matches_whom_is_mutual_where_no_list_is_cut(policy, catalogue):
    lists = reference_matches(catalogue(120, seed=3), policy)
    assert max(map(len, lists.values())) < policy.list_limit
    assert pairs(lists) == {(b, a) for a, b in pairs(lists)}
    similarity = {(a, match.listing_id): match.similarity for a, found in lists.items() for match in found}
    assert all(similarity[a, b] == similarity[b, a] for a, b in similarity)


@POLICIES
def test_the_order_of_the_catalogue_does_not_matter(policy, catalogue):
    raw = catalogue(80, seed=4)
    shuffled = list(raw.items())
    random.Random(5).shuffle(shuffled)
    assert reference_matches(dict(shuffled), policy) == reference_matches(raw, policy)


def unblocked(raw, policy):
    """The same computation with every listing against every other at once."""
    table = Table.of(raw)
    found = similarities(table, table, policy).combined
    near = {i: neighborhood(i, table.listing_ids, found[n], policy.blend) for n, i in enumerate(raw)}
    view = Table.of({i: blended(raw[i], near[i], raw) for i in raw})
    compared = similarities(view, view, policy)
    return {i: list_of(i, view.listing_ids, n, compared, policy).matches for n, i in enumerate(raw)}


@pytest.mark.parametrize("policy", [MEAN, PRODUCT], ids=["mean", "product"])
def test_blocks_do_not_show_in_the_result(policy, catalogue):
    raw = catalogue(530, seed=6, products=60)
    assert reference_matches(raw, policy) == unblocked(raw, policy)


def test_more_listings_than_a_block_holds_meet_across_blocks():
    raw = {f"l{i:04}": {TEXT: axis(260, i % 260)} for i in range(520)}
    lists = reference_matches(raw, MEAN)
    assert {i: [match.listing_id for match in found] for i, found in lists.items()} == {
        f"l{i:04}": [f"l{(i + 260) % 520:04}"] for i in range(520)
    }


def test_progress_tells_each_listing_once_in_both_passes(catalogue):
    told = []
    reference_matches(catalogue(600), UNBLENDED, told.append)
    assert told == [512, 88, 512, 88]


def test_of_nothing_there_is_nothing():
    assert reference_matches({}, MEAN) == {}


def test_a_listing_without_any_modality_matches_nobody():
    lists = reference_matches({"a": {}, "b": {TEXT: dense(1, 0)}, "c": {TEXT: dense(1, 0)}}, MEAN)
    assert {i: [match.listing_id for match in found] for i, found in lists.items()} == {"a": [], "b": ["c"], "c": ["b"]}


def test_listings_that_share_no_modality_do_not_match():
    assert reference_matches({"a": {TEXT: dense(1, 0)}, "b": {IMAGE: dense(1, 0)}}, MEAN) == {"a": (), "b": ()}


def test_the_raw_embeddings_are_left_alone(catalogue):
    raw = catalogue(20)
    before = {i: {m: id(row) for m, row in one.items()} for i, one in raw.items()}
    numbers = {i: one[TEXT].tolist() for i, one in raw.items() if TEXT in one}
    reference_matches(raw, MEAN)
    assert {i: {m: id(row) for m, row in one.items()} for i, one in raw.items()} == before
    assert {i: one[TEXT].tolist() for i, one in raw.items() if TEXT in one} == numbers


def test_a_neighbor_of_both_brings_two_listings_together():
    """The worked example of why blending helps: a and c are too far apart, b is between them."""
    raw = {"a": {TEXT: dense(1, 0)}, "b": {TEXT: dense(0.8, 0.6)}, "c": {TEXT: dense(0.28, 0.96)}}
    policy = Policy.model_validate(
        {"weights": {"text": 1}, "blend": {"neighbors": 2, "threshold": 0.7}, "match_threshold": 0.75}
    )
    plain = policy.model_copy(update={"blend": policy.blend.model_copy(update={"neighbors": 0})})
    assert ("a", "c") not in pairs(reference_matches(raw, plain))
    assert ("a", "c") in pairs(reference_matches(raw, policy))
    # blended(a) = a + 0.8 b = (1.64, 0.48), blended(c) = c + 0.8 b = (0.92, 1.44), both normalised
    similar = (1.64 * 0.92 + 0.48 * 1.44) / ((1.64**2 + 0.48**2) * (0.92**2 + 1.44**2)) ** 0.5
    lists = reference_matches(raw, policy)
    assert next(m.similarity for m in lists["a"] if m.listing_id == "c") == pytest.approx(similar, abs=1e-4)
