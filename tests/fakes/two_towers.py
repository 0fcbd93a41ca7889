"""Rows of photos and texts in one space as dual encoders make them: each tower in a cone of its own, far apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from encoders.types import Embedding, Modality, Row
from streams.web.search.asking import Scales
from streams.web.search.worth import Above, Across
from tests.fakes.rows import sparse

THINGS = ("shoe", "bag", "lamp", "mug", "chair")
COLOURS = ("red", "green", "blue", "black", "white")
CONCEPTS = (*THINGS, *COLOURS)
SIZE = len(CONCEPTS) + 2

_CONE = 1.5
"""How far each tower's rows lie along an axis of their own, where what is meant has length 1."""
_APART = -0.2
"""Cosine between the two axes: what is measured of real towers is about zero or less."""


def _row(words: Sequence[str], cone: tuple[float, float]) -> Row:
    row = np.zeros(SIZE)
    for word in words:
        if word in CONCEPTS:
            row[CONCEPTS.index(word)] = 2**-0.5
    row[-2:] = cone
    return (row / np.linalg.norm(row)).astype(np.float32)


def photo(*seen: str) -> Row:
    """The row of a photo that shows something."""
    return _row(seen, (_CONE, 0.0))


def text(*said: str) -> Row:
    """The row of a text that says something; words that nobody knows say nothing."""
    return _row(said, (_CONE * _APART, _CONE * (1 - _APART**2) ** 0.5))


def cosine(one: Row, other: Row) -> float:
    return float(np.dot(one, other))  # type: ignore[arg-type]


ACROSS = Across(cosine(photo("red", "shoe"), text("blue", "bag")), cosine(photo("red", "shoe"), text("red", "shoe")))
"""As `fit` would measure it."""
TITLES = Above(cosine(text("red", "shoe"), text("blue", "bag")))


class Towers:
    """Embeds words and photos; photos are the words of what they show.

    Args:
        titles: whether texts have text and lexical rows, too.
        generated: what a caption counts; None without a captioner.
    """

    def __init__(self, *, titles: bool = True, generated: float | None = None) -> None:
        self._titles, self._generated = titles, generated

    async def words(self, words: str) -> Embedding:
        return self.said(words)

    async def photo(self, photo: bytes) -> Embedding:
        return self.shown(photo.decode())

    async def scales(self) -> Scales:
        return Scales(ACROSS, None if self._titles else TITLES, self._generated)

    def said(self, words: str) -> Embedding:
        some = words.split()
        own = {Modality.TEXT: _row(some, (0.4, 0.0)), Modality.LEXICAL: lexical(some)} if self._titles else {}
        return {**own, Modality.JOINT_TEXT: text(*some)}

    def shown(self, what: str) -> Embedding:
        return {Modality.JOINT_IMAGE: photo(*what.split())}


def lexical(words: Sequence[str]) -> Row:
    return sparse({sum(word.encode()): len(words) ** -0.5 for word in words})
