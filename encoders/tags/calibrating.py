"""From which probability a tag is told: chosen by photos of which sellers state the word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.metrics.intervals import Evidence, pairs_needed

DEFAULT_CUT: Final = 0.5
"""Where nothing is known: the tag is likelier than all others together."""
PRECISION: Final = 0.9
"""How many of the tags told are to be right, unless somebody asks for more or fewer."""

_CUTS: Final = np.arange(101) / 100
_HALVES = 2

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examples:
    """What was found of n photos in one list.

    Args:
        probabilities: (n,) of the best tag, in hundredths.
        right: (n,) whether it is the word that the seller states.
        groups: (n,) which photos are of one thing, by code: these are right or wrong together.
    """

    probabilities: NDArray[np.float64]
    right: Flags
    groups: NDArray[np.intp]

    def at(self, places: Flags) -> Examples:
        """Some of them."""
        return Examples(self.probabilities[places], self.right[places], self.groups[places])

    def from_cut(self, cut: float) -> Evidence:
        """Those told from there on."""
        told = self.probabilities >= cut
        return Evidence.of(self.right[told], self.groups[told], np.ones(int(told.sum())))


@dataclass(frozen=True, slots=True)
class Cut:
    """From which probability the tags of one list are told.

    Args:
        value: the cut; None where no cut is precise enough, so that nothing is told.
        examples: photos it was chosen by.
        calibrated: whether these were enough; if not, the value is the default.
        precision: share of right ones among the tags told, each half measured by the cut of the other; None where
            a half is too small to choose by, or told nothing.
        told: share of photos that got a tag, likewise.
    """

    value: float | None
    examples: int
    calibrated: bool
    precision: float | None = None
    told: float | None = None


def choose_cut(examples: Examples, precision: float = PRECISION, seed: int = 0) -> Cut:
    """The lowest cut from which the share of right tags is as asked for, on the safe side.

    Args:
        examples: of one list.
        precision: that the lower bound of the share of right tags has to reach.
        seed: which photos are in which half, for the figures.
    """
    count = len(examples.right)
    if not _enough(examples, precision):
        return Cut(DEFAULT_CUT, count, calibrated=False)
    told, right, measured = _measured(examples, precision, seed)
    figures = (right / told if told else None, told / count) if measured else (None, None)
    return Cut(_lowest(examples, precision), count, True, *figures)


def _enough(examples: Examples, precision: float) -> bool:
    """Whether the bound could be reached if every tag were right."""
    needed = pairs_needed(precision)
    return needed is not None and len(np.unique(examples.groups)) >= needed


def _lowest(examples: Examples, precision: float) -> float | None:
    reached = (cut for cut in _CUTS if examples.from_cut(cut).lower_bound() >= precision)
    return next((float(cut) for cut in reached), None)


def _measured(examples: Examples, precision: float, seed: int) -> tuple[int, int, bool]:
    """Tags told and right ones among them where each half is told by the cut of the other."""
    halves = _halves(examples.groups, seed)
    told = right = 0
    for half in range(_HALVES):
        chosen_by, rest = examples.at(halves != half), examples.at(halves == half)
        if not _enough(chosen_by, precision):
            return 0, 0, False
        cut = _lowest(chosen_by, precision)
        if cut is not None:
            some = rest.probabilities >= cut
            told, right = told + int(some.sum()), right + int(rest.right[some].sum())
    return told, right, True


def _halves(groups: Sequence[int] | NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Half of the groups each; what belongs together stays together."""
    names, codes = np.unique(groups, return_inverse=True)
    half = np.arange(len(names)) % _HALVES
    return np.asarray(np.random.default_rng(seed).permutation(half)[codes], np.intp)
