"""What a cosine is worth to whoever searches: rows of one kind and of two are brought to one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from streams.matching.rows import Floats

_WHOLE: Final = 0.9


class Worth(Protocol):
    """Brings the cosines of one comparison to the scale of all."""

    @property
    def nothing(self) -> float:
        """The cosine that is worth nothing; what is below is not asked for."""

    def of(self, cosines: Floats) -> Floats:
        """What these are worth, 1 at most; NaN stays NaN."""


@dataclass(frozen=True, slots=True)
class Plain:
    """As it is.

    Args:
        share: of it that counts.
        nothing: see `Worth`.
    """

    share: float = 1.0
    nothing: float = 0.0

    def of(self, cosines: Floats) -> Floats:
        """See `Worth`."""
        return self.share * cosines


@dataclass(frozen=True, slots=True)
class Above:
    """What is above the cosine of two that have nothing in common: texts of one tower are all near each other."""

    nothing: float

    def of(self, cosines: Floats) -> Floats:
        """See `Worth`."""
        return np.maximum(cosines - self.nothing, 0.0) / (1 - self.nothing)


@dataclass(frozen=True, slots=True)
class Across:
    """Between a photo and a text, whose cosines are far below those of two photos or two texts.

    It grows evenly up to nine tenths, for a pair that fits as well as pairs do on the whole. Half of all that belong
    together are above it, and are still told apart.

    Args:
        nothing: cosine of a photo and a text that fit no better than any.
        fitting: of those that belong together, on the whole.
    """

    nothing: float
    fitting: float

    @property
    def steepness(self) -> float:
        """How much faster it grows than the cosine."""
        return _WHOLE / (self.fitting - self.nothing)

    def of(self, cosines: Floats) -> Floats:
        """See `Worth`."""
        share = np.maximum(cosines - self.nothing, 0.0) / (self.fitting - self.nothing)
        return np.where(share > 1, 1 - (1 - _WHOLE) / np.maximum(share, 1.0), _WHOLE * share)
