"""Similarities, against scikit-learn and by hand."""

import numpy as np
import pytest
from fakes.rows import axis, dense, random_dense, random_sparse, sparse
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.metrics.pairwise import cosine_similarity

from encoders.types import Modality
from streams.matching import Combination, Policy, Table, similarities
from streams.matching.similarity import combine

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
EVEN = Policy(weights=dict.fromkeys(Modality, 1.0))
PRODUCT = Policy(combination=Combination.PRODUCT)


def pair(single, policy):
    """The combined similarity of two listings with these in each modality."""
    return float(combine({m: np.array([s]) for m, s in single.items()}, policy, (1,))[0])


def compare(one, other, policy=EVEN):
    found = similarities(Table.of({"a": one}), Table.of({"b": other}), policy)
    return float(found.combined[0, 0]), {m: float(part[0, 0]) for m, part in found.single.items()}


def test_dense_similarities_are_scikit_learns_cosines():
    rng = np.random.default_rng(0)
    queries = {f"q{i}": {TEXT: random_dense(rng, 16)} for i in range(7)}
    gallery = {f"g{i}": {TEXT: random_dense(rng, 16)} for i in range(11)}
    found = similarities(Table.of(queries), Table.of(gallery), EVEN).single[TEXT]
    rows, others = ([one[TEXT] for one in some.values()] for some in (queries, gallery))
    np.testing.assert_allclose(found, cosine_similarity(rows, others), atol=1e-6)


def test_sparse_similarities_are_scikit_learns_cosines():
    rng = np.random.default_rng(1)
    rows, others = ([random_sparse(rng, highest=60) for _ in range(n)] for n in (9, 13))
    found = similarities(
        Table.of({f"q{i}": {LEXICAL: row} for i, row in enumerate(rows)}),
        Table.of({f"g{i}": {LEXICAL: row} for i, row in enumerate(others)}),
        EVEN,
    ).single[LEXICAL]
    wanted = cosine_similarity(*(matrix(some) for some in (rows, others)))
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def matrix(rows, width=60):
    ends = np.cumsum([0, *(len(row.indices) for row in rows)])
    columns, values = (np.concatenate([getattr(row, name) for row in rows]) for name in ("indices", "values"))
    return csr_array((values, columns.astype(np.int64), ends), shape=(len(rows), width))


@pytest.mark.parametrize("size", [2, 64, 768, 2048])
def test_a_listing_is_exactly_as_similar_to_its_double_as_can_be(size):
    rng = np.random.default_rng(size)
    for _ in range(20):
        double = {TEXT: random_dense(rng, size), LEXICAL: random_sparse(rng)}
        for policy in (EVEN, PRODUCT):
            assert compare(double, double, policy) == (1.0, {TEXT: 1.0, LEXICAL: 1.0})


def test_a_mean_over_the_modalities_both_have_by_hand():
    one = {IMAGE: dense(1, 0), TEXT: dense(0.6, 0.8)}
    other = {TEXT: dense(0.8, 0.6), LEXICAL: sparse({3: 1.0})}
    assert compare(one, other) == (0.96, {TEXT: 0.96})
    both = other | {IMAGE: dense(0.6, 0.8)}
    assert compare(one, both) == (0.78, {IMAGE: 0.6, TEXT: 0.96})


def test_a_weighted_mean_by_hand():
    policy = Policy(weights={IMAGE: 3, TEXT: 1})
    assert pair({IMAGE: 0.8, TEXT: 0.4}, policy) == 0.7
    assert pair({IMAGE: np.nan, TEXT: 0.4}, policy) == 0.4
    assert pair({IMAGE: 0.8, TEXT: 0.4, LEXICAL: -1.0}, policy) == 0.7


@pytest.mark.parametrize(
    ("single", "wanted"),
    [
        ({IMAGE: 0.5, TEXT: 0.8}, 0.9),
        ({IMAGE: 0.5, TEXT: 0.8, LEXICAL: 0.5}, 0.95),
        ({IMAGE: 1.0, TEXT: 0.1}, 1.0),
        ({IMAGE: 1.0000004, TEXT: 0.1}, 1.0),
        ({IMAGE: -0.7, TEXT: 0.8}, 0.8),
        ({IMAGE: -0.7, TEXT: -0.2}, 0.0),
        ({IMAGE: np.nan, TEXT: 0.8}, 0.8),
        ({IMAGE: np.nan, TEXT: np.nan}, -1.0),
        ({}, -1.0),
    ],
)
def test_a_product_of_distances_by_hand(single, wanted):
    assert pair(single, PRODUCT) == wanted


def test_a_modality_without_a_weight_is_told_but_does_not_count():
    policy = Policy(weights={TEXT: 1})
    found = compare({IMAGE: dense(1, 0), TEXT: dense(1, 0)}, {IMAGE: dense(0, 1), TEXT: dense(1, 0)}, policy)
    assert found == (1.0, {IMAGE: 0.0, TEXT: 1.0})


@pytest.mark.parametrize("policy", [EVEN, PRODUCT])
def test_listings_with_nothing_in_common_are_less_similar_than_opposites(policy):
    assert compare({IMAGE: dense(1, 0)}, {TEXT: dense(1, 0)}, policy) == (-1.0, {})
    assert similarities(Table.of({"a": {}}), Table.of({"b": {}}), policy).combined.tolist() == [[-1.0]]


@pytest.mark.parametrize("policy", [EVEN, PRODUCT])
def test_a_row_of_no_number_is_as_good_as_none(policy):
    broken = {IMAGE: dense(np.nan, 0), TEXT: dense(1, 0)}
    combined, single = compare(broken, {IMAGE: dense(1, 0), TEXT: dense(1, 0)}, policy)
    assert (combined, single[TEXT], np.isnan(single[IMAGE])) == (1.0, 1.0, True)
    assert compare({IMAGE: dense(np.nan, 0)}, {IMAGE: dense(1, 0)}, policy)[0] == -1.0


def test_similarities_are_rounded_so_that_no_order_of_summation_shows():
    found = similarities(Table.of({"a": {TEXT: dense(1 / 3, 0.1)}}), Table.of({"b": {TEXT: dense(1, 0)}}), EVEN)
    assert found.combined.tolist() == [[0.333333]]


@given(
    st.lists(st.dictionaries(st.sampled_from(Modality), st.floats(-1, 1)), min_size=2, max_size=2),
    st.sampled_from([EVEN, PRODUCT]),
)
def test_more_similarity_in_a_modality_never_makes_less_combined(pairs, policy):
    single, more = pairs
    raised = {m: max(s, more.get(m, -1.0)) for m, s in single.items()}
    assert pair(raised, policy) >= pair(single, policy)


@pytest.mark.parametrize("policy", [EVEN, PRODUCT])
def test_similarity_is_symmetric(policy, catalogue):
    table = Table.of(catalogue(60))
    found = similarities(table, table, policy)
    np.testing.assert_array_equal(found.combined, found.combined.T)
    for part in found.single.values():
        np.testing.assert_array_equal(part, part.T)


def test_sparse_rows_without_a_shared_bucket_are_not_similar():
    assert compare({LEXICAL: sparse({1: 1.0})}, {LEXICAL: sparse({2: 1.0, 9: 0.0})})[1] == {LEXICAL: 0.0}
    assert compare({LEXICAL: sparse({2**32 - 1: 1.0})}, {LEXICAL: sparse({0: 1.0})})[1] == {LEXICAL: 0.0}


def test_sparse_rows_share_the_buckets_they_share_wherever_these_stand():
    one, other = sparse({0: 0.6, 7: 0.8}), sparse({3: 0.6, 7: 0.8, 2**32 - 1: 0.0})
    assert compare({LEXICAL: one}, {LEXICAL: other})[1] == {LEXICAL: 0.64}
    assert compare({LEXICAL: other}, {LEXICAL: one})[1] == {LEXICAL: 0.64}


def test_an_empty_sparse_row_is_there_and_similar_to_nothing():
    assert compare({LEXICAL: sparse({})}, {LEXICAL: sparse({1: 1.0})}) == (0.0, {LEXICAL: 0.0})
    assert compare({LEXICAL: sparse({})}, {LEXICAL: sparse({})}) == (0.0, {LEXICAL: 0.0})


def test_a_part_of_a_table_has_the_similarities_of_its_listings(catalogue):
    table = Table.of(catalogue(50))
    whole, part = similarities(table, table, EVEN), table.part(20, 33)
    assert part.listing_ids == table.listing_ids[20:33]
    np.testing.assert_array_equal(similarities(part, table, EVEN).combined, whole.combined[20:33])
    np.testing.assert_array_equal(similarities(table, part, EVEN).combined, whole.combined[:, 20:33])


def test_a_part_beyond_the_end_of_a_table_ends_with_it(catalogue):
    assert len(Table.of(catalogue(5)).part(3, 512).listing_ids) == 2


def test_nobody_is_similar_to_an_empty_table():
    table = Table.of({"a": {TEXT: axis(3, 0)}})
    assert similarities(table, Table.of({}), EVEN).combined.shape == (1, 0)
    assert similarities(Table.of({}), table, EVEN).combined.shape == (0, 1)


def test_rows_a_little_longer_than_one_are_no_more_similar_than_can_be():
    long = {TEXT: dense(1.0005, 0), LEXICAL: sparse({3: 1.0005})}
    against = {TEXT: dense(-1.0005, 0), LEXICAL: sparse({3: 1.0005})}
    assert compare(long, long) == (1.0, {TEXT: 1.0, LEXICAL: 1.0})
    assert compare(long, against) == (0.0, {TEXT: -1.0, LEXICAL: 1.0})
