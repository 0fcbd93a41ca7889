"""Calibration curves: what they refuse, what a similarity is worth, and the way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.matching.curves import Curve

SIMILARITIES = st.integers(-(10**6), 10**6).map(lambda millionths: millionths / 10**6)
"""With six decimals, as they are: between corners that are closer than a float tells apart lies no value."""
CORNERS = st.integers(2, 8).flatmap(
    lambda n: st.tuples(
        st.lists(SIMILARITIES, min_size=n, max_size=n, unique=True).map(sorted),
        st.lists(st.floats(0, 1), min_size=n, max_size=n).map(sorted),
    )
)


def test_a_worked_example():
    curve = Curve(x=(0.2, 0.6, 0.8), y=(0.0, 0.5, 1.0))
    worth = curve.of(np.array([0.0, 0.4, 0.7, 0.9, np.nan]))
    assert worth.tolist()[:4] == pytest.approx([0.0, 0.25, 0.75, 1.0])
    assert np.isnan(worth[4])


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ((0.1, 0.1), (0.0, 1.0), "does not grow"),
        ((0.1, 0.2), (1.0, 0.0), "does not grow"),
        ((0.1, 0.2), (0.0, 1.1), "leaves"),
        ((0.1, 0.2, 0.3), (0.0, 1.0), "3 corners in x and 2 in y"),
    ],
)
def test_what_is_no_curve_is_refused(x, y, says):
    with pytest.raises(ValidationError, match=says):
        Curve(x=x, y=y)


@given(CORNERS, st.floats(0, 1))
def test_below_the_least_similarity_of_a_value_nothing_is_worth_it(corners, value):
    curve = Curve(x=corners[0], y=corners[1])
    least = curve.least_at(value)
    below = np.linspace(-1, 1, 101)
    assert (curve.of(below[below < least - 1e-9]) < value + 1e-9).all()
    if least < 1:
        assert curve.of(np.array([least]))[0] >= value - 1e-6
