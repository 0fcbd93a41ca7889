"""Drift: by hand, against what nothing changes, and against what is refused."""

import math

import numpy as np
import pytest

from streams.errors import SettingsError
from streams.matching.drift import ENOUGH, Drift, Spread, expected_of, read_expected, stability_index


def spread_of(seed=0, size=20_000, shift=0.0):
    return np.random.default_rng(seed).beta(2, 5, size) + shift


def drift_of(values, window=50_000):
    return Drift(read_expected(expected_of({"score": values}), "it"), window)


def test_the_index_by_hand():
    """Shares 0.5, 0.3, 0.2 become 0.4, 0.3, 0.3: 0.1 ln(0.5 / 0.4) + 0.1 ln(0.3 / 0.2)."""
    many = 1_000_000
    found = stability_index(np.array([0.5, 0.3, 0.2]) * many, np.array([0.4, 0.3, 0.3]) * many)
    assert found == pytest.approx(0.1 * math.log(1.25) + 0.1 * math.log(1.5), abs=1e-6)


def test_an_empty_bin_is_far_and_not_infinitely_so():
    index = stability_index(np.array([50.0, 50.0]), np.array([100.0, 0.0]))
    halved = 0.5 / 101
    assert index == pytest.approx((0.5 - halved) * math.log((1 - halved) / 0.5 * 0.5 / halved))


def test_bins_hold_about_as_many_each_and_equal_values_share_one():
    assert set(Spread.of(np.linspace(0, 1, 1000)).counts) == {100}
    half = Spread.of(np.concatenate([np.ones(500), np.linspace(0, 0.9, 500)]))
    assert (half.cuts[-1], half.counts[-1], sum(half.counts)) == (1.0, 500, 1000)
    assert Spread.of(np.full(9, 0.5)) == Spread(cuts=(), counts=(9,))


def test_the_same_source_does_not_drift_and_another_does():
    same, other = drift_of(spread_of()), drift_of(spread_of())
    same.add({"score": spread_of(seed=1)})
    other.add({"score": spread_of(seed=1, shift=0.1)})
    assert same.indices()["score"] < 0.01
    assert other.indices()["score"] > 0.25


def test_a_change_shows_after_a_window_whatever_came_before():
    drift = drift_of(spread_of(), window=5_000)
    drift.add({"score": spread_of(seed=1, size=100_000)})
    for seed in range(20):
        drift.add({"score": spread_of(seed=seed, size=1_000, shift=0.2)})
    assert drift.indices()["score"] > 0.25
    assert drift.based_on()["score"] == pytest.approx(5_000)


def test_of_few_values_nothing_is_said():
    drift = drift_of(spread_of())
    drift.add({"score": spread_of(size=ENOUGH - 1), "text": spread_of()})
    assert drift.indices() == {}
    assert set(drift.based_on()) == {"score"}
    assert expected_of({"score": spread_of(size=ENOUGH - 1)}) == {}
    assert not Drift({})


@pytest.mark.parametrize(
    "value",
    [
        {"score": {"cuts": [0.5], "counts": [1]}},
        {"score": {"cuts": [0.5, 0.5], "counts": [1, 2, 3]}},
        {"score": {"cuts": [float("inf")], "counts": [1, 2]}},
        {"score": {"cuts": [], "counts": [-1]}},
        {"score": 3},
        [],
    ],
)
def test_what_a_bundle_cannot_mean_is_told(value):
    with pytest.raises(SettingsError, match=r"bundle 'b': expected similarities.*matchstream fit"):
        read_expected(value, "bundle 'b'")
