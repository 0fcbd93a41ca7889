import numpy as np
import pytest

from encoders.metrics import Resamples


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def ones_beside(values):
    return np.stack([values, np.ones(len(values))], axis=1)


def test_the_estimate_is_that_of_all_listings():
    values = np.array([0.0, 1.0, 1.0, 0.5])
    assert Resamples(np.arange(4)).interval(ones_beside(values), mean).estimate == pytest.approx(0.625)


def test_the_interval_of_a_mean_is_as_wide_as_theory_says():
    values = np.random.default_rng(0).normal(size=400)
    found = Resamples(np.arange(400)).interval(ones_beside(values), mean)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_listings_of_one_product_are_no_independent_witnesses():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 10)
    together = Resamples(np.repeat(np.arange(40), 10)).interval(ones_beside(values), mean)
    apart = Resamples(np.arange(400)).interval(ones_beside(values), mean)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_what_is_compared_in_pairs_shows_a_small_difference_that_each_alone_would_hide():
    first = np.random.default_rng(0).normal(size=200)
    values = np.stack([first, first + 0.01, np.ones(200)], axis=1)
    difference = Resamples(np.arange(200)).interval(values, lambda s: (s[..., 1] - s[..., 0]) / s[..., 2])
    alone = Resamples(np.arange(200)).interval(ones_beside(first), mean)
    assert difference.clear
    assert difference.low == pytest.approx(0.01)
    assert alone.high - alone.low > 0.2


def test_the_same_seed_draws_the_same_products():
    values = ones_beside(np.random.default_rng(0).normal(size=50))
    assert Resamples(np.arange(50)).interval(values, mean) == Resamples(np.arange(50)).interval(values, mean)
