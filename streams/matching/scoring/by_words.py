"""Comparisons of the titles' words, numbers and codes."""

from __future__ import annotations

from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Registry, contained, overlap, share
from streams.matching.scoring.tokens import Kind

BY_WORDS = Registry()


@BY_WORDS.add()
def words_shared(columns: Columns) -> Floats:
    """Which part of all their words both titles have."""
    return overlap(columns, Kind.WORDS)


@BY_WORDS.add()
def shorter_title_contained(columns: Columns) -> Floats:
    """Which part of the shorter title's words the other has too."""
    return contained(columns, Kind.WORDS)


@BY_WORDS.add()
def pieces_shared(columns: Columns) -> Floats:
    """Which part of their words both have, once letters and digits are parted."""
    return overlap(columns, Kind.PIECES)


@BY_WORDS.add()
def neighbors_shared(columns: Columns) -> Floats:
    """Which part of their pairs of neighboring words both titles have."""
    return overlap(columns, Kind.NEIGHBORS)


@BY_WORDS.add()
def letters_shared(columns: Columns) -> Floats:
    """Which part of their runs of three letters both titles have."""
    return overlap(columns, Kind.GRAMS)


@BY_WORDS.add()
def shorter_letters_contained(columns: Columns) -> Floats:
    """Which part of one title's runs of three letters the other has too, of the title with fewer."""
    return contained(columns, Kind.GRAMS)


@BY_WORDS.add()
def same_beginning(columns: Columns) -> Floats:
    """How many letters the titles begin with alike, up to 24."""
    return columns.shared(Kind.PREFIX)


@BY_WORDS.add()
def words_on_fewer_side(columns: Columns) -> Floats:
    """How many words only one title has, of the one with fewer such."""
    return columns.alone(Kind.WORDS)[:, 0]


@BY_WORDS.add()
def words_on_more_side(columns: Columns) -> Floats:
    """How many words only one title has, of the one with more such."""
    return columns.alone(Kind.WORDS)[:, 1]


@BY_WORDS.add()
def shorter_title(columns: Columns) -> Floats:
    """How many words the shorter title has."""
    result: Floats = columns.size(Kind.WORDS).min(axis=1)
    return result


@BY_WORDS.add()
def length_ratio(columns: Columns) -> Floats:
    """How long the shorter title is beside the longer, in words."""
    sizes = columns.size(Kind.WORDS)
    return share(sizes.min(axis=1), sizes.max(axis=1))


@BY_WORDS.add()
def numbers_shared(columns: Columns) -> Floats:
    """How many numbers both titles have."""
    return columns.shared(Kind.NUMBERS)


@BY_WORDS.add()
def numbers_on_fewer_side(columns: Columns) -> Floats:
    """How many numbers only one title has, of the one with fewer such: above 0, both have one of their own."""
    return columns.alone(Kind.NUMBERS)[:, 0]


@BY_WORDS.add()
def numbers_on_more_side(columns: Columns) -> Floats:
    """How many numbers only one title has, of the one with more such."""
    return columns.alone(Kind.NUMBERS)[:, 1]


@BY_WORDS.add()
def number_values_shared(columns: Columns) -> Floats:
    """How many numbers both titles have, those inside of words too; 7.0 is 7."""
    return columns.shared(Kind.VALUES)


@BY_WORDS.add()
def number_values_on_fewer_side(columns: Columns) -> Floats:
    """How many numbers only one title has, those inside of words too, of the one with fewer such."""
    return columns.alone(Kind.VALUES)[:, 0]


@BY_WORDS.add()
def number_values_on_more_side(columns: Columns) -> Floats:
    """How many numbers only one title has, those inside of words too, of the one with more such."""
    return columns.alone(Kind.VALUES)[:, 1]


@BY_WORDS.add()
def codes_shared(columns: Columns) -> Floats:
    """How many words of letters and digits both titles have."""
    return columns.shared(Kind.CODES)


@BY_WORDS.add()
def codes_on_fewer_side(columns: Columns) -> Floats:
    """How many words of letters and digits only one title has, of the one with fewer such."""
    return columns.alone(Kind.CODES)[:, 0]


@BY_WORDS.add()
def codes_on_more_side(columns: Columns) -> Floats:
    """How many words of letters and digits only one title has, of the one with more such."""
    return columns.alone(Kind.CODES)[:, 1]
