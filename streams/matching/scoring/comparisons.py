"""The comparisons themselves. Each docstring is what users read beside a contribution.

Prices are left out on purpose: a new price must not make a new match. Few comparisons are held to one
direction: what counts of the words depends on what else is known of them, and holding them costs much.
"""

from __future__ import annotations

import numpy as np

from encoders.types import Modality
from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Comparison, Registry, Speaks, share
from streams.matching.scoring.tokens import Kind, TokenKind
from streams.matching.variants.kinds import VetoKind

COMPARISONS = Registry()


# --- similarities of the encoders' rows


@COMPARISONS.add(Speaks.FOR)
def image_similarity(columns: Columns) -> Floats:
    """How alike the photos are, after blending."""
    return _similarity(columns, Modality.IMAGE)


@COMPARISONS.add(Speaks.FOR)
def text_similarity(columns: Columns) -> Floats:
    """How alike the titles are in meaning, after blending."""
    return _similarity(columns, Modality.TEXT)


@COMPARISONS.add(Speaks.FOR)
def lexical_similarity(columns: Columns) -> Floats:
    """How much of the titles' letters and words is the same, rare ones first."""
    return _similarity(columns, Modality.LEXICAL)


@COMPARISONS.add(Speaks.FOR)
def combined_similarity(columns: Columns) -> Floats:
    """The similarity that thresholds go by where there is no scorer."""
    return columns.pairs.combined


def _similarity(columns: Columns, modality: Modality) -> Floats:
    found = columns.pairs.single.get(modality)
    return np.full(len(columns.pairs), np.nan) if found is None else found


# --- words of the titles


@COMPARISONS.add()
def words_shared(columns: Columns) -> Floats:
    """Which part of all their words both titles have."""
    return _overlap(columns, Kind.WORDS)


@COMPARISONS.add()
def shorter_title_contained(columns: Columns) -> Floats:
    """Which part of the shorter title's words the other has too."""
    return _contained(columns, Kind.WORDS)


@COMPARISONS.add()
def pieces_shared(columns: Columns) -> Floats:
    """Which part of their words both have, once letters and digits are parted."""
    return _overlap(columns, Kind.PIECES)


@COMPARISONS.add()
def neighbors_shared(columns: Columns) -> Floats:
    """Which part of their pairs of neighboring words both titles have."""
    return _overlap(columns, Kind.NEIGHBORS)


@COMPARISONS.add()
def letters_shared(columns: Columns) -> Floats:
    """Which part of their runs of three letters both titles have."""
    return _overlap(columns, Kind.GRAMS)


@COMPARISONS.add()
def shorter_letters_contained(columns: Columns) -> Floats:
    """Which part of one title's runs of three letters the other has too, of the title with fewer."""
    return _contained(columns, Kind.GRAMS)


@COMPARISONS.add()
def same_beginning(columns: Columns) -> Floats:
    """How many letters the titles begin with alike, up to 24."""
    return columns.shared(Kind.PREFIX)


@COMPARISONS.add()
def words_on_fewer_side(columns: Columns) -> Floats:
    """How many words only one title has, of the one with fewer such."""
    return columns.alone(Kind.WORDS)[:, 0]


@COMPARISONS.add()
def words_on_more_side(columns: Columns) -> Floats:
    """How many words only one title has, of the one with more such."""
    return columns.alone(Kind.WORDS)[:, 1]


@COMPARISONS.add()
def shorter_title(columns: Columns) -> Floats:
    """How many words the shorter title has."""
    result: Floats = columns.size(Kind.WORDS).min(axis=1)
    return result


@COMPARISONS.add()
def length_ratio(columns: Columns) -> Floats:
    """How long the shorter title is beside the longer, in words."""
    sizes = columns.size(Kind.WORDS)
    return share(sizes.min(axis=1), sizes.max(axis=1))


# --- words by how telling they are


@COMPARISONS.add()
def weight_shared(columns: Columns) -> Floats:
    """Which part of the weight of all their words both titles have; rare words weigh more."""
    return _weight_overlap(columns, Kind.WORDS)


@COMPARISONS.add()
def lighter_title_contained(columns: Columns) -> Floats:
    """Which part of the weight of one title's words the other has too, of the lighter title."""
    return share(columns.weight_shared(Kind.WORDS), columns.weight(Kind.WORDS).min(axis=1))


@COMPARISONS.add()
def piece_weight_shared(columns: Columns) -> Floats:
    """Which part of the weight of all their words both have, once letters and digits are parted."""
    return _weight_overlap(columns, Kind.PIECES)


@COMPARISONS.add()
def lighter_pieces_contained(columns: Columns) -> Floats:
    """Which part of the weight of one title the other has too, once letters and digits are parted."""
    return share(columns.weight_shared(Kind.PIECES), columns.weight(Kind.PIECES).min(axis=1))


@COMPARISONS.add()
def weight_in_common(columns: Columns) -> Floats:
    """How much the words weigh that both titles have."""
    return columns.weight_shared(Kind.WORDS)


@COMPARISONS.add()
def weight_on_lighter_side(columns: Columns) -> Floats:
    """How much the words weigh that only one title has, on the side where they weigh less."""
    return columns.weight_alone(Kind.WORDS)[:, 0]


@COMPARISONS.add()
def weight_on_heavier_side(columns: Columns) -> Floats:
    """How much the words weigh that only one title has, on the side where they weigh more."""
    return columns.weight_alone(Kind.WORDS)[:, 1]


@COMPARISONS.add()
def piece_weight_on_lighter_side(columns: Columns) -> Floats:
    """How much the parts of words weigh that only one title has, on the side where they weigh less."""
    return columns.weight_alone(Kind.PIECES)[:, 0]


@COMPARISONS.add()
def piece_weight_on_heavier_side(columns: Columns) -> Floats:
    """How much the parts of words weigh that only one title has, on the side where they weigh more."""
    return columns.weight_alone(Kind.PIECES)[:, 1]


@COMPARISONS.add()
def rarest_word_on_lighter_side(columns: Columns) -> Floats:
    """How rare the rarest word is that only one title has, on the side where it is less rare."""
    return columns.heaviest_alone(Kind.WORDS)[:, 0]


@COMPARISONS.add()
def rarest_word_on_heavier_side(columns: Columns) -> Floats:
    """How rare the rarest word is that only one title has, on the side where it is rarer."""
    return columns.heaviest_alone(Kind.WORDS)[:, 1]


@COMPARISONS.add()
def rarest_piece_on_lighter_side(columns: Columns) -> Floats:
    """The same of parts of words, on the side where it is less rare."""
    return columns.heaviest_alone(Kind.PIECES)[:, 0]


@COMPARISONS.add()
def rarest_piece_on_heavier_side(columns: Columns) -> Floats:
    """The same of parts of words, on the side where it is rarer."""
    return columns.heaviest_alone(Kind.PIECES)[:, 1]


# --- numbers and codes


@COMPARISONS.add()
def numbers_shared(columns: Columns) -> Floats:
    """How many numbers both titles have."""
    return columns.shared(Kind.NUMBERS)


@COMPARISONS.add()
def numbers_on_fewer_side(columns: Columns) -> Floats:
    """How many numbers only one title has, of the one with fewer such: above 0, both have one of their own."""
    return columns.alone(Kind.NUMBERS)[:, 0]


@COMPARISONS.add()
def numbers_on_more_side(columns: Columns) -> Floats:
    """How many numbers only one title has, of the one with more such."""
    return columns.alone(Kind.NUMBERS)[:, 1]


@COMPARISONS.add()
def codes_shared(columns: Columns) -> Floats:
    """How many words of letters and digits both titles have."""
    return columns.shared(Kind.CODES)


@COMPARISONS.add()
def codes_on_fewer_side(columns: Columns) -> Floats:
    """How many words of letters and digits only one title has, of the one with fewer such."""
    return columns.alone(Kind.CODES)[:, 0]


@COMPARISONS.add()
def codes_on_more_side(columns: Columns) -> Floats:
    """How many words of letters and digits only one title has, of the one with more such."""
    return columns.alone(Kind.CODES)[:, 1]


# --- brand, category, attributes


@COMPARISONS.add(Speaks.FOR)
def same_brand(columns: Columns) -> Floats:
    """Which part of the shorter brand's words the other has; nothing where one states no brand."""
    return _contained(columns, Kind.BRAND)


@COMPARISONS.add(Speaks.FOR)
def same_category(columns: Columns) -> Floats:
    """Whether both are in the same category; nothing where one states none."""
    return _contained(columns, Kind.CATEGORY)


@COMPARISONS.add(Speaks.FOR)
def attributes_agree(columns: Columns) -> Floats:
    """How many attributes both state alike."""
    return columns.shared(Kind.ATTRIBUTES)


@COMPARISONS.add(Speaks.AGAINST)
def attributes_differ(columns: Columns) -> Floats:
    """How many attributes both state, but not alike."""
    return columns.shared(Kind.ATTRIBUTE_NAMES) - columns.shared(Kind.ATTRIBUTES)


# --- what variants are told apart by


def _agreement(kind: VetoKind) -> Comparison:
    def agree(columns: Columns) -> Floats:
        return _contained(columns, kind)

    agree.__doc__ = (
        f"Which part of the {kind} stated on the side with fewer the other states too; nothing if one states none."
    )
    return Comparison(f"{kind} agrees", Speaks.EITHER, agree)


def _contradiction(kind: VetoKind) -> Comparison:
    def contradict(columns: Columns) -> Floats:
        return columns.alone(kind)[:, 0]

    contradict.__doc__ = (
        f"How many values of {kind} both sides state that the other lacks, of the side with fewer such."
    )
    return Comparison(f"{kind} differs", Speaks.AGAINST, contradict)


def _one_sided(kind: VetoKind) -> Comparison:
    def one_sided(columns: Columns) -> Floats:
        return columns.alone(kind)[:, 1]

    one_sided.__doc__ = f"How many values of {kind} only one side states, of the side with more such."
    return Comparison(f"{kind} on one side", Speaks.EITHER, one_sided)


for _kind in VetoKind:
    for _comparison in (_agreement(_kind), _contradiction(_kind), _one_sided(_kind)):
        COMPARISONS.add(_comparison.speaks, _comparison.name)(_comparison.of)


# --- sets


def _overlap(columns: Columns, kind: TokenKind) -> Floats:
    shared = columns.shared(kind)
    return share(shared, columns.size(kind).sum(axis=1) - shared)


def _contained(columns: Columns, kind: TokenKind) -> Floats:
    return share(columns.shared(kind), columns.size(kind).min(axis=1))


def _weight_overlap(columns: Columns, kind: Kind) -> Floats:
    shared = columns.weight_shared(kind)
    return share(shared, columns.weight(kind).sum(axis=1) - shared)
