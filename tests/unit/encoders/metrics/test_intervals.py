import numpy as np
import pytest
from scipy.stats import binom, binomtest

from encoders.metrics import Evidence, clopper_pearson, pairs_needed


@pytest.mark.parametrize(("right", "total"), [(0, 10), (7, 10), (10, 10), (298, 300)])
def test_bounds_are_the_exact_ones_of_scipy(right, total):
    low, high = clopper_pearson(right, total)
    exact = binomtest(right, total).proportion_ci(0.90, method="exact")
    assert (low, high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_at_the_lower_bound_so_many_right_ones_are_a_one_in_twenty_chance():
    low, _ = clopper_pearson(95, 100)
    assert binom.sf(94, 100, low) == pytest.approx(0.05)


def test_nothing_seen_says_nothing():
    assert clopper_pearson(0, 0) == (0, 1)


def test_pairs_needed_without_an_error_as_worked_by_hand():
    # the n-th power of the target falls to one in twenty
    assert pairs_needed(0.99) == int(np.ceil(np.log(0.05) / np.log(0.99))) == 299
    assert pairs_needed(0.95) == 59


def test_no_number_of_pairs_shows_what_is_not_so():
    assert pairs_needed(0.99, share=0.99) is None


def test_pairs_of_different_products_are_all_independent():
    same = np.array([True] * 95 + [False] * 5)
    evidence = Evidence.of(same, np.arange(100), np.ones(100))
    assert evidence.effective == pytest.approx(100)
    assert evidence.lower_bound() == pytest.approx(clopper_pearson(95, 100)[0])


def test_ten_wrong_pairs_of_the_same_two_products_are_one_witness():
    same = np.array([True] * 190 + [False] * 10)
    apart = Evidence.of(same, np.arange(200), np.ones(200))
    together = Evidence.of(same, np.minimum(np.arange(200), 190), np.ones(200))
    assert together.share == apart.share
    assert together.effective < apart.effective / 5
    assert together.lower_bound() < apart.lower_bound()


def test_missing_pairs_are_what_lifts_the_bound_to_the_target():
    evidence = Evidence(100, 100, 100)
    assert evidence.missing(0.99) == 199
    assert clopper_pearson(299, 299)[0] >= 0.99
    assert Evidence(0, 0, 0).missing(0.99) == 299
    assert Evidence(98, 100, 100).missing(0.99) is None
    assert Evidence(400, 400, 400).missing(0.99) == 0


def test_bounds_hold_as_often_as_they_say():
    random = np.random.default_rng(1)
    right = random.binomial(200, 0.97, 2000)
    held = np.mean([clopper_pearson(int(one), 200)[0] <= 0.97 for one in right])
    assert held >= 0.95


def test_without_a_wrong_pair_each_two_products_are_one_witness():
    all_right = np.ones(300, dtype=bool)
    assert Evidence.of(all_right, np.arange(300), np.ones(300)).lower_bound() >= 0.99
    assert Evidence.of(all_right, np.arange(300) // 45, np.ones(300)).effective == 7


def test_the_upper_bound_is_above_the_share():
    assert Evidence(95, 100, 100).upper_bound() == pytest.approx(clopper_pearson(95, 100)[1])
