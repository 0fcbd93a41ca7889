"""Comparisons of what listings state: brand, category, attributes, and what variants are told apart by."""

from __future__ import annotations

from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Comparison, Registry, Speaks, contained
from streams.matching.scoring.tokens import Kind
from streams.matching.variants.kinds import VetoKind

BY_STATEMENTS = Registry()


@BY_STATEMENTS.add(Speaks.FOR)
def same_brand(columns: Columns) -> Floats:
    """Which part of the shorter brand's words the other has; nothing where one states no brand."""
    return contained(columns, Kind.BRAND)


@BY_STATEMENTS.add(Speaks.FOR)
def same_category(columns: Columns) -> Floats:
    """Whether both are in the same category; nothing where one states none."""
    return contained(columns, Kind.CATEGORY)


@BY_STATEMENTS.add(Speaks.FOR)
def attributes_agree(columns: Columns) -> Floats:
    """How many attributes both state alike."""
    return columns.shared(Kind.ATTRIBUTES)


@BY_STATEMENTS.add(Speaks.AGAINST)
def attributes_differ(columns: Columns) -> Floats:
    """How many attributes both state, but not alike."""
    return columns.shared(Kind.ATTRIBUTE_NAMES) - columns.shared(Kind.ATTRIBUTES)


def _agreement(kind: VetoKind) -> Comparison:
    def agree(columns: Columns) -> Floats:
        return contained(columns, kind)

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
        BY_STATEMENTS.add(_comparison.speaks, _comparison.name)(_comparison.of)
