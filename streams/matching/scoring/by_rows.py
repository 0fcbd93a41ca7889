"""Comparisons of what the encoders see."""

from __future__ import annotations

import numpy as np

from encoders.types import Modality
from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Registry, Speaks

BY_ROWS = Registry()


@BY_ROWS.add(Speaks.FOR)
def image_similarity(columns: Columns) -> Floats:
    """How alike the photos are, after blending."""
    return _similarity(columns, Modality.IMAGE)


@BY_ROWS.add(Speaks.FOR)
def text_similarity(columns: Columns) -> Floats:
    """How alike the titles are in meaning, after blending."""
    return _similarity(columns, Modality.TEXT)


@BY_ROWS.add(Speaks.FOR)
def lexical_similarity(columns: Columns) -> Floats:
    """How much of the titles' letters and words is the same, rare ones first."""
    return _similarity(columns, Modality.LEXICAL)


@BY_ROWS.add(Speaks.FOR)
def joint_similarity(columns: Columns) -> Floats:
    """How alike photo, title and numbers are together, where the encoders join them, after blending."""
    return _similarity(columns, Modality.JOINT)


@BY_ROWS.add(Speaks.FOR)
def combined_similarity(columns: Columns) -> Floats:
    """The similarity that thresholds go by where there is no scorer."""
    return columns.pairs.combined


def _similarity(columns: Columns, modality: Modality) -> Floats:
    found = columns.pairs.single.get(modality)
    return np.full(len(columns.pairs), np.nan) if found is None else found
