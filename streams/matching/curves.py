"""Calibration curves: what a similarity in one modality is worth, so that those of several compare."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.matching.rows import Floats


class Curve(BaseModel):
    """A growing function by its corners, straight in between and level outside.

    Isotonic regression gives such a curve as it is; Platt's sigmoid is sampled.

    Args:
        x: similarities, strictly growing.
        y: what each is worth in [0, 1], never falling.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: tuple[float, ...] = Field(min_length=2)
    y: tuple[float, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _grows(self) -> Curve:
        if len(self.x) != len(self.y):
            raise ValueError(f"{len(self.x)} corners in x and {len(self.y)} in y")
        if any(b <= a for a, b in pairwise(self.x)) or any(b < a for a, b in pairwise(self.y)):
            raise ValueError("a curve that does not grow")
        if not all(0 <= value <= 1 for value in self.y):
            raise ValueError("a curve that leaves [0, 1]")
        return self

    def of(self, similarities: Floats) -> Floats:
        """What similarities are worth, (…) float64; NaN stays NaN."""
        result: Floats = np.interp(similarities, self.x, self.y)
        return result

    def least_at(self, value: float) -> float:
        """The least similarity that is worth `value`; -1 where all are, 1 where only the highest could be."""
        if value <= self.y[0]:
            return -1.0
        if value > self.y[-1]:
            return 1.0
        right = next(i for i, y in enumerate(self.y) if y >= value)
        (x0, y0), (x1, y1) = (self.x[right - 1], self.y[right - 1]), (self.x[right], self.y[right])
        return x0 + (x1 - x0) * (value - y0) / (y1 - y0)
