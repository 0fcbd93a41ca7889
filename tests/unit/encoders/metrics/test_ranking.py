import numpy as np
import pytest

from encoders.metrics import Entries, product_codes, ranking

PRODUCTS = product_codes(["a", "a", "a", "b", "b", "c"])


def of(scores):
    one, other = zip(*scores, strict=True)
    return Entries.of_pairs(PRODUCTS, np.array(one), np.array(other), np.array(list(scores.values()), float))


def test_ranks_as_worked_by_hand():
    found = ranking(of({(0, 5): 0.9, (0, 1): 0.8, (0, 2): 0.7, (3, 4): 0.6, (3, 5): 0.5}), ks=(1, 2))
    # first of the product: a1 at 2, a2 at 1, a3 at 1, b1 at 1, b2 at 1
    assert found.mrr == pytest.approx((1 / 2 + 4) / 5)
    assert found.recall == {1: pytest.approx(4 / 5), 2: 1}
    # of the others, among the first: a1 none of two, a2 one of two, a3 one of two
    assert found.share[1] == pytest.approx((0 + 1 / 2 + 1 / 2 + 1 + 1) / 5)


def test_listings_alone_in_their_product_are_left_out_and_counted():
    found = ranking(of({(0, 1): 0.8}))
    assert (found.listings, found.left_out) == (5, 1)


def test_whoever_has_no_candidate_of_its_product_counts_as_not_found():
    found = ranking(of({(0, 1): 0.8}), ks=(1,))
    assert found.mrr == pytest.approx(2 / 5)
    assert found.recall == {1: pytest.approx(2 / 5)}


def test_ties_never_flatter():
    assert ranking(of({(3, 4): 0.8, (3, 5): 0.8}), ks=(1,), listings=np.arange(6) == 3).recall == {1: 0}


def test_all_alone_is_no_division_by_zero():
    nobody = np.empty(0, np.intp)
    found = ranking(Entries.of_pairs(np.arange(3), nobody, nobody, np.empty(0)))
    assert (found.mrr, found.listings, found.left_out) == (0, 0, 3)
