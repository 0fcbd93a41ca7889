"""Comparisons of codes and stated values, wherever and however sellers write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from streams.matching.details import Details
from streams.matching.pairs import Places
from streams.matching.rows import Floats
from streams.matching.scoring.columns import Columns
from streams.matching.scoring.registry import Registry
from streams.matching.scoring.squeezed import Squeezed, squeezed_of

BY_CODES = Registry()

_TELLING = 3
"""Characters of a code that is looked for in a title; a shorter one is found in too many."""


@BY_CODES.add()
def codes_begin_alike(columns: Columns) -> Floats:
    """Which part of the longer of two words with a digit the other begins with, of the two most alike.

    Hyphens and other signs inside of them do not count; nothing where a title has no such word.
    """
    return _pairwise(columns, _most_alike)


@BY_CODES.add()
def code_found(columns: Columns) -> Floats:
    """How long the longest word with a digit is that the other title has too, however it parts its words.

    Nothing where neither title has such a word.
    """
    return _pairwise(columns, _longest_found)


@BY_CODES.add()
def stated_values_found(columns: Columns) -> Floats:
    """How many values that one states as an attribute are in the other's title or among its attributes."""
    return _pairwise(columns, lambda one, other: float(len(_found(one, other) | _found(other, one))))


@BY_CODES.add()
def stated_values_not_found(columns: Columns) -> Floats:
    """How many values that one states as an attribute are not in the other's title or among its attributes."""
    return _pairwise(columns, lambda one, other: float(_not_found(one, other) + _not_found(other, one)))


def _pairwise(columns: Columns, compare: Callable[[Squeezed, Squeezed], float]) -> Floats:
    pairs = columns.pairs
    sides = zip(_each(pairs.owners, pairs.own), _each(pairs.others, pairs.other), strict=True)
    return np.fromiter((compare(one, other) for one, other in sides), dtype=np.float64, count=len(pairs))


def _each(details: Sequence[Details], places: Places) -> Iterator[Squeezed]:
    numbers = places.tolist()
    known = {place: squeezed_of(details[place]) for place in set(numbers)}
    return (known[place] for place in numbers)


def _most_alike(one: Squeezed, other: Squeezed) -> float:
    if not (one.codes and other.codes):
        return np.nan
    if not set(one.codes).isdisjoint(other.codes):
        return 1.0
    alike = [_alike(mine, yours) for mine in one.codes for yours in other.codes if mine[0] == yours[0]]
    return max(alike, default=0.0)


def _alike(one: str, other: str) -> float:
    same = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        same += 1
    return same / max(len(one), len(other))


def _longest_found(one: Squeezed, other: Squeezed) -> float:
    if not (one.codes or other.codes):
        return np.nan
    return float(max(_longest_in(one.codes, other.title), _longest_in(other.codes, one.title)))


def _longest_in(codes: Sequence[str], title: str) -> int:
    return next((len(code) for code in codes if len(code) >= _TELLING and code in title), 0)


def _found(one: Squeezed, other: Squeezed) -> set[str]:
    return {value for value in one.values if value in other.title or value in other.values}


def _not_found(one: Squeezed, other: Squeezed) -> int:
    return len(one.values) - len(_found(one, other))
