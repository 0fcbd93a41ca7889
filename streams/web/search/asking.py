"""From what somebody looks for to the rows that listings are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from encoders.types import Embedding, Modality, Row
from streams.index.port import Query, View
from streams.web.search.worth import Above, Across, Plain, Worth

_AS_IT_IS: Final = Plain()
_COMPARED_AS_THEY_ARE: Final = (Modality.TEXT, Modality.LEXICAL, Modality.IMAGE, Modality.JOINT)
_SPARSE_FLOOR: Final = 0.05
"""A word of a query that one in twenty titles has says nothing."""


@dataclass(frozen=True, slots=True)
class Scales:
    """What the similarities of a bundle's rows are worth, and which it has beside those of each modality's own.

    Args:
        across: of a photo and a text in the space that they share; None where they share none.
        titles: of two texts in that space; None where an encoder of texts alone compares them.
        generated: how much words count that a model said; None where no model says any.
    """

    across: Across | None = None
    titles: Above | None = None
    generated: float | None = None


NO_SCALES: Final = Scales()


@dataclass(frozen=True, slots=True)
class Glance:
    """One row, compared with the rows that listings have in one modality.

    Args:
        modality: of the listings' rows.
        worth: of the cosines.
    """

    modality: Modality
    row: Row
    worth: Worth = _AS_IT_IS


Line = Sequence[Glance]
"""Glances at the same thing, of which one counts."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a listing should be like.

    Args:
        own: what is compared with what is of its kind, or else with what stands for it: of each line the first glance
            that a listing has a row for counts, and of the lines the mean.
        seen: words, compared with what a photo shows or is said to show: the best glance counts.
        share: of the score.
    """

    own: Sequence[Line]
    seen: Line = ()
    share: float = 1.0

    @property
    def glances(self) -> Iterator[Glance]:
        """All of them."""
        return (glance for line in (*self.own, self.seen) for glance in line)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for.

    Args:
        parts: what listings are scored by.
        near: further rows that the index is asked for.
    """

    parts: Sequence[Part]
    near: Sequence[Glance] = ()

    def queries(self, limit: int) -> list[Query]:
        """What the index is asked for: per row the listings most similar to it as they were encoded."""
        glances = [glance for part in self.parts for glance in part.glances]
        return [
            Query(View.RAW, one.modality, one.row, _SPARSE_FLOOR if one.modality.sparse else one.worth.nothing, limit)
            for one in (*glances, *self.near)
        ]


def sought(words: Embedding, shown: Embedding, strength: float, scales: Scales = NO_SCALES) -> Sought:
    """What listings are compared with.

    Words and a photo meet in the joint space, where training made one that both have rows in: then what is looked for
    is one point between them. Elsewhere a listing is compared with each, and the two scores are mixed; with a dual
    encoder what is near the point between is looked at, too, for it may be far down in either order alone.

    Args:
        words: rows of the words, none where there are none.
        shown: rows of the photo or of the listing that is shown, likewise.
        strength: how much the words count, 0 to 1, where there is both.
        scales: of the bundle's rows.

    Source: the sum of a picture's and a text's features, from Pic2Word (arXiv 2302.03084), baseline "Image + Text".
    """
    if not words or not shown:
        return Sought([_part(words or shown, scales)])
    between = _between(shown.get(Modality.JOINT), words.get(Modality.JOINT), strength)
    if between is not None:
        return Sought([Part([[Glance(Modality.JOINT, between)]])])
    parts = _part(shown, scales, 1 - strength), _part(words, scales, strength)
    counted = [part for part in parts if part.share > 0]
    return Sought(counted, _near(shown, words, strength, scales.across) if len(counted) == len(parts) else ())


def _part(rows: Embedding, scales: Scales, share: float = 1.0) -> Part:
    """A glance at everything there are rows for."""
    pictured, said = rows.get(Modality.JOINT_IMAGE), rows.get(Modality.JOINT_TEXT)
    own: list[list[Glance]] = [[Glance(one, rows[one])] for one in _COMPARED_AS_THEY_ARE if one in rows]
    seen = list(_generated(rows, scales.generated)) if scales.generated else []
    across = [Glance(Modality.JOINT_IMAGE, said, scales.across)] if said is not None and scales.across else []
    if said is not None and scales.titles:
        own.append([Glance(Modality.JOINT_TEXT, said, scales.titles)])
    if pictured is None:
        return Part(own, [*across, *seen], share)
    titles = [Glance(Modality.JOINT_TEXT, pictured, scales.across)] if scales.across else []
    own.append([Glance(Modality.JOINT_IMAGE, pictured), *titles])
    return Part(own, seen, share)


def _generated(rows: Embedding, share: float) -> Iterator[Glance]:
    """Glances between words of which some are generated, by their share for either side."""
    for stand_in in Modality:
        if (own := stand_in.stands_in_for) is None:
            continue
        if own in rows:
            yield Glance(stand_in, rows[own], Plain(share))
        elif stand_in in rows:
            yield Glance(own, rows[stand_in], Plain(share))
            yield Glance(stand_in, rows[stand_in], Plain(share**2))


def _near(shown: Embedding, words: Embedding, strength: float, across: Across | None) -> list[Glance]:
    """Photos near the point between a photo and words, these stretched as their similarities are."""
    if across is None:
        return []
    stretched = strength * across.steepness
    share = stretched / (stretched + 1 - strength)
    between = _between(shown.get(Modality.JOINT_IMAGE), words.get(Modality.JOINT_TEXT), share)
    return [] if between is None else [Glance(Modality.JOINT_IMAGE, between)]


def _between(pictured: Row | None, said: Row | None, strength: float) -> Row | None:
    """The point between two rows; None where one is not there, or they are opposite."""
    if not isinstance(pictured, np.ndarray) or not isinstance(said, np.ndarray):
        return None
    row = (1 - strength) * pictured.astype(np.float64) + strength * said.astype(np.float64)
    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length > 0 else None
