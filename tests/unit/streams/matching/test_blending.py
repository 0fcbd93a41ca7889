"""Who is in a neighborhood, and where it draws a listing."""

import numpy as np
import pytest
from fakes.rows import bits, dense, random_dense, sparse
from pydantic import ValidationError

from encoders.types import Modality
from streams.matching import Neighborhood, Table, blended, neighborhood, similarities
from streams.matching.policy import BlendPolicy, Policy

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
TWO = BlendPolicy(neighbors=2, threshold=0.5)


def around(similarities_, policy=TWO, listing_id="me"):
    """The neighborhood of a listing among others with these similarities."""
    return neighborhood(listing_id, list(similarities_), np.array(list(similarities_.values())), policy)


def test_the_most_similar_are_the_neighbors_and_the_last_of_them_sets_the_radius():
    assert around({"a": 0.6, "b": 0.9, "c": 0.7}) == Neighborhood(("b", "c"), (0.9, 0.7), 0.7)


def test_where_neighbors_are_missing_the_threshold_is_the_radius():
    assert around({"a": 0.6, "b": 0.49}) == Neighborhood(("a",), (0.6,), 0.5)
    assert around({}) == Neighborhood((), (), 0.5)


def test_similar_to_exactly_the_threshold_is_similar_enough():
    assert around({"a": 0.5, "b": 0.499999}).listing_ids == ("a",)


def test_of_equally_similar_listings_the_smaller_id_is_nearer_in_any_order():
    assert around({"c": 0.8, "b": 0.8, "a": 0.8}).listing_ids == ("a", "b")
    assert around({"a": 0.8, "c": 0.8, "b": 0.8}).listing_ids == ("a", "b")


def test_nobody_is_in_its_own_neighborhood_nor_takes_a_place_in_it():
    assert around({"me": 1.0, "a": 0.6, "b": 0.7}) == Neighborhood(("b", "a"), (0.7, 0.6), 0.6)


def test_without_neighbors_allowed_there_are_none_and_nobody_can_come_near_enough():
    off = around({"a": 1.0}, BlendPolicy(neighbors=0))
    assert (off.listing_ids, off.weights) == ((), ())
    assert off.radius > 1.0


@pytest.mark.parametrize("neighbors", [1, 2, 3, 4])
def test_the_radius_tells_who_changes_a_neighborhood_by_coming(neighbors):
    policy = BlendPolicy(neighbors=neighbors, threshold=0.5)
    present = {"b": 0.9, "d": 0.7, "f": 0.6}
    before = around(present, policy)
    for newcomer in ("a", "z"):
        for similarity in (0.4, 0.55, 0.6, 0.65, 0.7, 0.8, 0.95):
            changed = around(present | {newcomer: similarity}, policy) != before
            assert not changed or similarity >= before.radius


def test_blending_by_hand():
    own = {TEXT: dense(1, 0), IMAGE: dense(0, 1)}
    rows = {"n": {TEXT: dense(0, 1), IMAGE: dense(0, 1)}}
    result = blended(own, Neighborhood(("n",), (0.75,), 0.5), rows)
    np.testing.assert_array_equal(result[TEXT], dense(0.8, 0.6))
    np.testing.assert_array_equal(result[IMAGE], dense(0, 1))


def test_a_modality_may_be_blended_with_fewer_neighbors():
    own = {TEXT: dense(1, 0), IMAGE: dense(1, 0)}
    rows = {"n": {TEXT: dense(0, 1), IMAGE: dense(0, 1)}, "m": {TEXT: dense(0, 1), IMAGE: dense(0, 1)}}
    near = Neighborhood(("n", "m"), (0.75, 0.5), 0.5)
    policy = BlendPolicy(neighbors=2, threshold=0.5, narrower={IMAGE: {"neighbors": 2, "threshold": 0.6}})
    result = blended(own, near, rows, policy)
    np.testing.assert_allclose(result[TEXT], dense(1, 1.25) / np.linalg.norm([1, 1.25]), atol=1e-7)
    np.testing.assert_array_equal(result[IMAGE], dense(0.8, 0.6))
    none = BlendPolicy(neighbors=2, threshold=0.5, narrower={IMAGE: {"neighbors": 0, "threshold": 0.5}})
    np.testing.assert_array_equal(blended(own, near, rows, none)[IMAGE], own[IMAGE])


@pytest.mark.parametrize("narrower", [{"neighbors": 3, "threshold": 0.5}, {"neighbors": 1, "threshold": 0.4}])
def test_no_modality_is_blended_with_more_than_the_neighborhood(narrower):
    with pytest.raises(ValidationError, match="more than the neighborhood"):
        BlendPolicy(neighbors=2, threshold=0.5, narrower={TEXT: narrower})


def test_blending_as_a_plain_loop():
    rng = np.random.default_rng(4)
    rows = {f"n{i}": {TEXT: random_dense(rng, 16)} for i in range(5)}
    weights = (0.9, 0.8, 0.7, 0.6, 0.5)
    own = random_dense(rng, 16)
    total = own.tolist()
    for other, weight in zip(rows.values(), weights, strict=True):
        total = [t + weight * x for t, x in zip(total, other[TEXT].tolist(), strict=True)]
    length = sum(t * t for t in total) ** 0.5
    result = blended({TEXT: own}, Neighborhood(tuple(rows), weights, 0.5), rows)[TEXT]
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, [t / length for t in total], atol=1e-7)
    assert np.linalg.norm(result) == pytest.approx(1.0, abs=1e-6)


def test_words_stay_the_listings_own():
    own = {LEXICAL: sparse({1: 0.6, 5: 0.8})}
    result = blended(own, Neighborhood(("n",), (1.0,), 0.5), {"n": {LEXICAL: sparse({2: 1.0})}})
    assert bits(result) == bits(own)


def test_a_neighbor_that_lacks_a_modality_draws_only_in_the_others():
    own = {TEXT: dense(1, 0), IMAGE: dense(1, 0)}
    result = blended(own, Neighborhood(("n",), (0.75,), 0.5), {"n": {TEXT: dense(0, 1)}})
    np.testing.assert_array_equal(result[TEXT], dense(0.8, 0.6))
    np.testing.assert_array_equal(result[IMAGE], dense(1, 0))


def test_a_listing_gets_no_modality_from_its_neighbors():
    own = {TEXT: dense(1, 0)}
    assert blended(own, Neighborhood(("n",), (1.0,), 0.5), {"n": {IMAGE: dense(0, 1)}}).keys() == {TEXT}


def test_without_neighbors_a_unit_row_stays_where_it_is():
    row = random_dense(np.random.default_rng(5), 512)
    result = blended({TEXT: row}, Neighborhood((), (), 0.5), {})[TEXT]
    np.testing.assert_allclose(result, row, rtol=3e-7)


def test_rows_that_cancel_each_other_leave_the_listings_own():
    own = {TEXT: dense(1, 0)}
    result = blended(own, Neighborhood(("n",), (1.0,), 0.5), {"n": {TEXT: dense(-1, 0)}})
    assert bits(result) == bits(own)


def test_a_row_of_no_number_draws_nobody_along():
    rows = {"n": {TEXT: dense(np.nan, 0)}, "i": {TEXT: dense(np.inf, 0)}, "good": {TEXT: dense(0, 1)}}
    result = blended({TEXT: dense(1, 0)}, Neighborhood(tuple(rows), (1.0, 0.9, 0.75), 0.5), rows)
    np.testing.assert_array_equal(result[TEXT], dense(0.8, 0.6))


def test_blending_leaves_the_rows_it_was_given_alone():
    own, rows = {TEXT: dense(1, 0)}, {"n": {TEXT: dense(0, 1)}}
    blended(own, Neighborhood(("n",), (0.75,), 0.5), rows)
    assert (own[TEXT].tolist(), rows["n"][TEXT].tolist()) == ([1, 0], [0, 1])


def test_neighbors_come_nearer_to_each_other(catalogue):
    raw = catalogue(40, products=4)
    policy = Policy(blend=BlendPolicy(neighbors=5, threshold=0.6))
    table = Table.of(raw)
    found = similarities(table, table, policy).combined
    near = {i: neighborhood(i, table.listing_ids, found[n], policy.blend) for n, i in enumerate(raw)}
    view = Table.of({i: blended(raw[i], near[i], raw) for i in raw})
    after = similarities(view, view, policy).combined
    alike = (found >= policy.blend.threshold) & ~np.eye(len(raw), dtype=bool)
    assert alike.any()
    assert after[alike].mean() > found[alike].mean()
