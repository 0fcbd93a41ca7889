"""Whether similarities are still spread as they were when thresholds were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from streams.errors import SettingsError
from streams.matching.rows import Floats

BINS: Final = 10
WINDOW: Final = 10_000
"""So many of the last listings count; once there are more, each batch makes all before it weigh less."""
ENOUGH: Final = 500
"""Of fewer nothing is said: chance alone makes an index of about `BINS` divided by their number."""
_HALF: Final = 0.5

Counts = NDArray[np.float64]


class Spread(BaseModel):
    """How some values were spread, as a small histogram.

    Args:
        cuts: between the bins, strictly growing; a value on a cut is in the bin above it.
        counts: of each bin, one more than there are cuts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cuts: tuple[float, ...] = Field(max_length=100)
    counts: tuple[int, ...]

    @model_validator(mode="after")
    def _fits(self) -> Spread:
        if len(self.counts) != len(self.cuts) + 1 or min(self.counts) < 0:
            raise ValueError(f"{len(self.cuts)} cuts and {len(self.counts)} counts")
        if not all(np.isfinite(self.cuts)) or any(np.diff(self.cuts) <= 0):
            raise ValueError("cuts that do not grow")
        return self

    @classmethod
    def of(cls, values: Floats, bins: int = BINS) -> Spread:
        """Of values, in bins of about as many each; where many are equal, in fewer bins."""
        cuts = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])) if len(values) else np.empty(0)
        cuts = cuts[cuts > values.min()] if len(values) else cuts
        return cls(cuts=tuple(cuts.tolist()), counts=tuple(int(one) for one in counted(values, cuts)))


Expected = Mapping[str, Spread]
"""By what is compared: the score, or a modality."""

_EXPECTED: Final[TypeAdapter[dict[str, Spread]]] = TypeAdapter(dict[str, Spread])


def expected_of(values: Mapping[str, Floats]) -> dict[str, Any]:
    """How values are spread, as a bundle says it; of too few nothing is said."""
    return {name: Spread.of(some).model_dump(mode="json") for name, some in values.items() if len(some) >= ENOUGH}


def read_expected(value: object, subject: str) -> Expected:
    """The same as read from a bundle.

    Raises:
        SettingsError: it is something else.
    """
    try:
        return _EXPECTED.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        remedy = "make the bundle again with 'matchstream fit' or 'calibrate'"
        raise SettingsError(
            f"{subject}: expected similarities", got=f"'{where}': {first['msg']}", wanted="histograms", remedy=remedy
        ) from error


def counted(values: Floats, cuts: Floats) -> Counts:
    """How many values are in each bin, (c + 1,) float64."""
    return np.bincount(np.searchsorted(cuts, values, side="right"), minlength=len(cuts) + 1).astype(np.float64)


def stability_index(expected: Counts, found: Counts) -> float:
    """The population stability index: the sum over bins of (found - expected) * ln(found / expected), in shares.

    Half a value more is in each bin on both sides, so that an empty one does not make it infinite. It is 0 where
    shares are the same; by custom 0.1 is worth a look and 0.25 a change. Source: N. Siddiqi, "Credit Risk Scorecards",
    2006, on system stability reports.
    """
    before, now = ((some + _HALF) / (some.sum() + _HALF * len(some)) for some in (expected, found))
    return float(((now - before) * np.log(now / before)).sum())


class Drift:
    """How far the last values are from those expected.

    Args:
        expected: what they are compared with.
        window: how many values count.
    """

    def __init__(self, expected: Expected, window: int = WINDOW) -> None:
        """Without any value yet."""
        self._window = window
        self._cuts = {name: np.array(one.cuts) for name, one in expected.items()}
        self._expected = {name: np.array(one.counts, dtype=np.float64) for name, one in expected.items()}
        self._found = {name: np.zeros_like(counts) for name, counts in self._expected.items()}

    def __bool__(self) -> bool:
        """Whether anything is expected."""
        return bool(self._expected)

    def add(self, values: Mapping[str, Floats]) -> None:
        """Take in some more; earlier ones count less for it."""
        for name, cuts in self._cuts.items():
            if len(some := values.get(name, _NONE)):
                found = self._found[name] + counted(some, cuts)
                self._found[name] = found * min(1.0, self._window / found.sum())

    def based_on(self) -> dict[str, float]:
        """By how many of the last values each index goes."""
        return {name: float(counts.sum()) for name, counts in self._found.items()}

    def indices(self) -> dict[str, float]:
        """The population stability index of each, where there are enough values."""
        return {
            name: stability_index(self._expected[name], found)
            for name, found in self._found.items()
            if found.sum() >= ENOUGH
        }


_NONE: Final = np.empty(0)
