import numpy as np
import pytest

from streams.errors import SettingsError
from streams.learning.curves import fit_curve

RNG = np.random.default_rng(0)
X = RNG.random(5000)
TRUE = 1 / (1 + np.exp(-(12 * X - 8)))
SAME = RNG.random(5000) < TRUE


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_a_curve_says_how_likely_a_similarity_is_one_product(method):
    curve = fit_curve(X, SAME, method)
    assert np.abs(curve.of(X) - TRUE).mean() < 0.03


def test_a_step_is_followed_by_isotonic_regression_alone():
    step = X > 0.5
    wrong = {method: np.abs(fit_curve(X, step, method).of(X) - step).mean() for method in ("isotonic", "platt")}
    assert wrong["isotonic"] < 0.01 < wrong["platt"] + 0.01


def test_missing_similarities_are_left_out():
    some = X.copy()
    some[::2] = np.nan
    assert np.allclose(fit_curve(some, SAME).of(X), fit_curve(X[1::2], SAME[1::2]).of(X))


def test_similarities_that_are_all_the_same_are_worth_one_thing():
    curve = fit_curve(np.full(10, 0.7), np.arange(10) < 4)
    assert curve.of(np.array([0.7]))[0] == pytest.approx(0.4)


def test_a_similarity_that_speaks_against_gives_a_level_curve():
    curve = fit_curve(X, ~SAME, "platt")
    assert curve.y[0] == curve.y[-1]


@pytest.mark.parametrize("same", [np.zeros(3, bool), np.ones(3, bool)])
def test_one_kind_alone_is_an_error(same):
    with pytest.raises(SettingsError, match="calibration: "):
        fit_curve(np.array([0.1, 0.2, 0.3]), same)


def test_no_similarity_at_all_is_an_error():
    with pytest.raises(SettingsError, match="calibration: 0 pairs of one product and 0 of two"):
        fit_curve(np.array([np.nan]), np.array([True]))
