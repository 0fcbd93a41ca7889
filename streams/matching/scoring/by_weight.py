"""Comparisons of the titles' words by how telling they are: rare words weigh more."""

from __future__ import annotations

from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Registry, share
from streams.matching.scoring.tokens import Kind

BY_WEIGHT = Registry()


@BY_WEIGHT.add()
def weight_shared(columns: Columns) -> Floats:
    """Which part of the weight of all their words both titles have; rare words weigh more."""
    return _weight_overlap(columns, Kind.WORDS)


@BY_WEIGHT.add()
def lighter_title_contained(columns: Columns) -> Floats:
    """Which part of the weight of one title's words the other has too, of the lighter title."""
    return share(columns.weight_shared(Kind.WORDS), columns.weight(Kind.WORDS).min(axis=1))


@BY_WEIGHT.add()
def piece_weight_shared(columns: Columns) -> Floats:
    """Which part of the weight of all their words both have, once letters and digits are parted."""
    return _weight_overlap(columns, Kind.PIECES)


@BY_WEIGHT.add()
def lighter_pieces_contained(columns: Columns) -> Floats:
    """Which part of the weight of one title the other has too, once letters and digits are parted."""
    return share(columns.weight_shared(Kind.PIECES), columns.weight(Kind.PIECES).min(axis=1))


@BY_WEIGHT.add()
def weight_in_common(columns: Columns) -> Floats:
    """How much the words weigh that both titles have."""
    return columns.weight_shared(Kind.WORDS)


@BY_WEIGHT.add()
def weight_on_lighter_side(columns: Columns) -> Floats:
    """How much the words weigh that only one title has, on the side where they weigh less."""
    return columns.weight_alone(Kind.WORDS)[:, 0]


@BY_WEIGHT.add()
def weight_on_heavier_side(columns: Columns) -> Floats:
    """How much the words weigh that only one title has, on the side where they weigh more."""
    return columns.weight_alone(Kind.WORDS)[:, 1]


@BY_WEIGHT.add()
def piece_weight_on_lighter_side(columns: Columns) -> Floats:
    """How much the parts of words weigh that only one title has, on the side where they weigh less."""
    return columns.weight_alone(Kind.PIECES)[:, 0]


@BY_WEIGHT.add()
def piece_weight_on_heavier_side(columns: Columns) -> Floats:
    """How much the parts of words weigh that only one title has, on the side where they weigh more."""
    return columns.weight_alone(Kind.PIECES)[:, 1]


@BY_WEIGHT.add()
def rarest_word_on_lighter_side(columns: Columns) -> Floats:
    """How rare the rarest word is that only one title has, on the side where it is less rare."""
    return columns.heaviest_alone(Kind.WORDS)[:, 0]


@BY_WEIGHT.add()
def rarest_word_on_heavier_side(columns: Columns) -> Floats:
    """How rare the rarest word is that only one title has, on the side where it is rarer."""
    return columns.heaviest_alone(Kind.WORDS)[:, 1]


@BY_WEIGHT.add()
def rarest_piece_on_lighter_side(columns: Columns) -> Floats:
    """The same of parts of words, on the side where it is less rare."""
    return columns.heaviest_alone(Kind.PIECES)[:, 0]


@BY_WEIGHT.add()
def rarest_piece_on_heavier_side(columns: Columns) -> Floats:
    """The same of parts of words, on the side where it is rarer."""
    return columns.heaviest_alone(Kind.PIECES)[:, 1]


def _weight_overlap(columns: Columns, kind: Kind) -> Floats:
    shared = columns.weight_shared(kind)
    return share(shared, columns.weight(kind).sum(axis=1) - shared)
