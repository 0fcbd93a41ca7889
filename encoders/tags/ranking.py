"""Which tag of each list a photo goes with best, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.tags.reading import TagList
from encoders.types import Row

_HUNDRED = 100
_ROUNDING = 1e-9
"""What 0.29 lacks of 29 hundredths as a float."""


class Texts(Protocol):
    """What makes rows of texts."""

    def encode(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""


class Dual(Protocol):
    """A dual encoder, as far as tags need one."""

    @property
    def texts(self) -> Texts:
        """Reads phrases."""

    def probabilities(self, photos: NDArray[np.float32], texts: NDArray[np.float32], /) -> NDArray[np.float64]:
        """Which of some texts each photo goes with: (n, m), each row adding up to 1."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best tag of one list for each of n photos.

    Args:
        words: of each photo.
        probabilities: (n,) float64, each in whole hundredths, rounded down: none is told for more than it is.
    """

    words: Sequence[str]
    probabilities: NDArray[np.float64]


class Ranking:
    """Compares photos with the phrases of lists; these are encoded once.

    Args:
        lists: any number.
        template: a phrase as the text tower reads it, with {} in its place.
        dual: encodes and compares.
    """

    def __init__(self, lists: Sequence[TagList], template: str, dual: Dual) -> None:
        phrases = [(one.name, word, phrase) for one in lists for word in one.tags for phrase in one.tags[word]]
        self._dual = dual
        self._words = {one.name: tuple(one.tags) for one in lists}
        self._begin = _beginnings([name for name, _, _ in phrases])
        self._tags = {name: _starts([word for other, word, _ in phrases if other == name]) for name in self._words}
        texts = [template.replace("{}", phrase) for _, _, phrase in phrases]
        self._rows = dual.texts.encode(texts) if texts else np.empty((0, 0), np.float32)

    def best(self, photos: Sequence[Row]) -> dict[str, Best]:
        """Of each list, by name.

        Args:
            photos: rows of the dual encoder's photo tower.
        """
        if not photos or not self._words:
            return {name: Best((), np.empty(0)) for name in self._words}
        every = self._dual.probabilities(np.stack([np.asarray(row, np.float32) for row in photos]), self._rows)
        return {name: self._best_of(name, every[:, part]) for name, part in self._begin.items()}

    def _best_of(self, name: str, of_phrases: NDArray[np.float64]) -> Best:
        """A softmax over some of the phrases is that over all of them, brought to a sum of 1 again."""
        likely = np.maximum.reduceat(of_phrases, self._tags[name], axis=1)
        total = likely.sum(axis=1, keepdims=True)
        shares = np.divide(likely, total, out=np.zeros_like(likely), where=total > 0)
        places = shares.argmax(axis=1)
        down = np.floor(shares.max(axis=1) * _HUNDRED + _ROUNDING) / _HUNDRED
        return Best([self._words[name][place] for place in places], down)


def _beginnings(names: Sequence[str]) -> Mapping[str, slice]:
    """Where the phrases of each list are among all."""
    starts = _starts(names)
    ends = [*starts, len(names)][1:]
    return {names[start]: slice(start, end) for start, end in zip(starts, ends, strict=True)}


def _starts(names: Sequence[str]) -> list[int]:
    """Where another name begins."""
    return [i for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
