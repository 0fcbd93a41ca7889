"""Pairs of listings side by side: what decisions, vetoes and the pair scorer look at, many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Modality
from streams.matching.details import Details
from streams.matching.rows import Floats

Places = NDArray[np.intp]
"""Where in a sequence something stands."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """p pairs, each of one of the owners and one of the others.

    Args:
        owners: the listings whose lists are made.
        others: the listings they are compared with.
        own: (p,) which owner.
        other: (p,) which other.
        single: per modality (p,) float64, the blended similarity; NaN where one of the two lacks it.
        combined: (p,) float64; -1 where the two have no modality in common.
    """

    owners: Sequence[Details]
    others: Sequence[Details]
    own: Places
    other: Places
    single: Mapping[Modality, Floats]
    combined: Floats

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.own)

    def at(self, places: Places | NDArray[np.bool_]) -> Pairs:
        """Some of the pairs."""
        single = {modality: part[places] for modality, part in self.single.items()}
        return Pairs(self.owners, self.others, self.own[places], self.other[places], single, self.combined[places])
