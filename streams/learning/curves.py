"""Calibration curves out of labelled pairs."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from streams.errors import SettingsError
from streams.matching.curves import Curve
from streams.matching.rows import Floats

Method = Literal["isotonic", "platt"]

_CORNERS = 65
_DECIMALS = 6
_APART = 1e-5
"""Corners nearer than this are one."""


def fit_curve(similarities: Floats, same: NDArray[np.bool_], method: Method = "isotonic") -> Curve:
    """What a similarity is worth: how likely two listings that have it are one product.

    Args:
        similarities: (p,) of labelled pairs in one modality; NaN where one of the two lacks it.
        same: (p,) whether they are one product.
        method: isotonic regression takes any growing shape, Platt's sigmoid needs few examples.

    Raises:
        SettingsError: there are not both kinds of pairs.
    """
    there = ~np.isnan(similarities)
    x, y = similarities[there], same[there]
    if not len(y) or y.all() or not y.any():
        got = f"{int(y.sum())} pairs of one product and {int((~y).sum())} of two"
        remedy = "give more labelled listings, or leave calibration out"
        raise SettingsError("calibration", got=got, wanted="some of each", remedy=remedy)
    corners = _corners(x)
    fitted = _isotonic(x, y, corners) if method == "isotonic" else _platt(x, y, corners)
    worth = np.maximum.accumulate(np.clip(np.round(fitted, _DECIMALS), 0.0, 1.0))
    return Curve(x=tuple(corners.tolist()), y=tuple(worth.tolist()))


def _corners(x: Floats) -> Floats:
    """Where the curve may bend: as many as there are, evenly over the range."""
    low, high = float(x.min()), float(x.max())
    return np.round(np.linspace(low, max(high, low + _APART), _CORNERS if high - low > _CORNERS * _APART else 2), 6)


def _isotonic(x: Floats, y: NDArray[np.bool_], corners: Floats) -> Floats:
    model = IsotonicRegression(out_of_bounds="clip").fit(x, y)
    result: Floats = model.predict(corners)
    return result


def _platt(x: Floats, y: NDArray[np.bool_], corners: Floats) -> Floats:
    model = LogisticRegression(C=1e3).fit(x[:, None], y)
    slope = max(float(model.coef_[0, 0]), 0.0)
    result: Floats = 1 / (1 + np.exp(-(slope * corners + float(model.intercept_[0]))))
    return result
