"""From what somebody looks for to the rows that listings are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from encoders.types import Embedding, Modality, Row
from streams.index.port import Query, View

_SPARSE_FLOOR: Final = 0.05
"""A word of a query that one in twenty titles has says nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a listing should be like.

    Args:
        embedding: compared in each modality; those that a listing has count equally.
        share: of the score.
    """

    embedding: Embedding
    share: float = 1.0


def parts_of(words: Embedding, shown: Embedding, strength: float) -> list[Part]:
    """What listings are compared with.

    Words and a photo meet in the joint space, where there is one that both have rows in: then what is looked for
    is one point between them. Elsewhere a listing is compared with each, and the two similarities are mixed.

    Args:
        words: rows of the words, none where there are none.
        shown: rows of the photo or of the listing that is shown, likewise.
        strength: how much the words count, 0 to 1, where there is both.

    Source: the sum of a picture's and a text's features, from Pic2Word (arXiv 2302.03084), baseline "Image + Text".
    """
    if not words or not shown:
        return [Part(words or shown)]
    pictured, said = shown.get(Modality.JOINT), words.get(Modality.JOINT)
    if isinstance(pictured, np.ndarray) and isinstance(said, np.ndarray):
        between = _unit((1 - strength) * pictured.astype(np.float64) + strength * said.astype(np.float64))
        if between is not None:
            return [Part({Modality.JOINT: between})]
    parts = Part(shown, 1 - strength), Part(words, strength)
    return [part for part in parts if part.share > 0]


def queries_of(parts: Sequence[Part], limit: int) -> list[Query]:
    """What the index is asked for: per row the listings most similar to it as they were encoded."""
    return [
        Query(View.RAW, modality, row, _SPARSE_FLOOR if modality.sparse else 0.0, limit)
        for part in parts
        for modality, row in part.embedding.items()
    ]


def _unit(row: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Row | None:
    """To unit length; None for two that are opposite."""
    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length > 0 else None
