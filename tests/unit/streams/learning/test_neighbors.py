import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.types import Modality, SparseRow
from streams.learning.neighbors import Overlap, overlaps, sample_of

TEXT, IMAGE, LEXICAL = Modality.TEXT, Modality.IMAGE, Modality.LEXICAL


def on_a_circle(degrees, modality=TEXT):
    """Listings `a`, `b` and so on at these angles."""
    angles = np.radians(np.array(degrees, float))
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return {"abcdefghij"[place]: {modality: row} for place, row in enumerate(rows)}


def words(*buckets):
    """Listings `a`, `b` and so on of these words."""
    return {
        "abcdefghij"[place]: {
            LEXICAL: SparseRow(np.array(some, np.uint32), np.full(len(some), len(some) ** -0.5, np.float32))
        }
        for place, some in enumerate(buckets)
    }


def test_the_same_rows_agree_on_everybody():
    rows = on_a_circle([0, 10, 25, 80, 200])
    assert overlaps(rows, rows) == {TEXT: Overlap(5, 1.0, 1.0)}


def test_rows_turned_as_one_still_agree():
    assert overlaps(on_a_circle([0, 10, 25, 80]), on_a_circle([90, 100, 115, 170]))[TEXT] == Overlap(4, 1.0, 1.0)


def test_overlap_by_hand():
    # One nearest each: a-b b-a c-b d-c, then a-b b-a c-d d-c
    found = overlaps(on_a_circle([0, 10, 25, 80]), on_a_circle([0, 10, 60, 80]), count=1)[TEXT]
    assert found == Overlap(4, 0.75, 0.75)
    # Two nearest each: abc all, d-cb then d-cb; a-bc b-ac c-ba, then c-db
    found = overlaps(on_a_circle([0, 10, 25, 80]), on_a_circle([0, 10, 60, 80]), count=2)[TEXT]
    assert found.shared == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_only_listings_with_rows_on_both_sides_count():
    first, second = on_a_circle([0, 10, 25, 80]), on_a_circle([0, 10, 25])
    second["c"] = {IMAGE: second["c"][TEXT]}
    assert overlaps(first, second) == {TEXT: Overlap(2, 1.0, 1.0)}
    assert overlaps(first, {"a": first["a"]}) == {}
    assert overlaps(first, {}) == {}


def test_sparse_rows_that_share_nothing_are_nobodys_neighbors():
    first = words([1, 2], [1, 2], [3, 4], [9])
    second = words([1, 2], [1, 2], [1, 4], [9])
    # a-b b-a c- d-, then a-bc b-ac c-ab d-; who has nobody on both sides says nothing
    found = overlaps(first, second)[LEXICAL]
    assert found.listings == 4
    assert found.shared == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert found.same_nearest == pytest.approx(2 / 3)
    assert overlaps(words([1], [2]), words([3], [4])) == {LEXICAL: Overlap(2, 1.0, 1.0)}


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 10), st.integers(0, 2**31), st.integers(1, 12))
def test_overlap_is_a_share_that_goes_both_ways(listings, seed, count):
    rng = np.random.default_rng(seed)
    first, second = (on_a_circle(rng.uniform(0, 360, listings)) for _ in range(2))
    there, back = overlaps(first, second, count)[TEXT], overlaps(second, first, count)[TEXT]
    assert there == back
    assert 0 <= there.shared <= 1
    assert 0 <= there.same_nearest <= 1


def test_more_listings_than_are_compared_at_a_time():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 3)).astype(np.float32)
    catalogue = {str(place): {TEXT: row} for place, row in enumerate(rows)}
    assert overlaps(catalogue, catalogue)[TEXT] == Overlap(600, 1.0, 1.0)
    shuffled = {str(place): {TEXT: row} for place, row in enumerate(rng.permutation(rows))}
    assert overlaps(catalogue, shuffled)[TEXT].shared < 0.1


def test_a_sample_is_the_same_whatever_the_order():
    ids = [f"listing {number}" for number in range(50)]
    assert sample_of(ids, 10) == sample_of(reversed(ids), 10)
    assert len(set(sample_of(ids, 10))) == 10
    assert sorted(sample_of(ids, 99)) == sorted(ids)
