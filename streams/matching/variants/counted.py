"""Everything counted or measured in a text: amounts, storage and packs, also those without a unit behind the number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from streams.matching.variants.amounts import pack, stated
from streams.matching.variants.measures import measures, number_of
from streams.matching.variants.tokens import Sort, Token, at
from streams.matching.variants.values import Stated
from streams.matching.variants.words import Phrases, names, table


def amounts_in(tokens: Sequence[Token], taken: set[int]) -> Iterator[Stated]:
    """Amounts, storage and packs; the places they are written in are marked as taken."""
    for measure in measures(tokens):
        taken.update(range(measure.start, measure.end))
        yield from stated(measure)
    yield from _named_packs(tokens, taken)


def _named_packs(tokens: Sequence[Token], taken: set[int]) -> Iterator[Stated]:
    """Packs without a unit behind a number: 'pack of 12', 'Doppelpack', '2x USB cable'; places are marked taken."""
    if _counts_at_start(tokens):
        taken.update((0, 1))
        yield from pack(number_of(tokens[0].text))
    for place in range(len(tokens)):
        if place in taken:
            continue
        if (named := _named().find(tokens, place)) is not None:
            yield from pack(named[0])
        elif (before := _before().find(tokens, place)) is not None:
            yield from _counted(tokens, before[1], taken)


def _counted(tokens: Sequence[Token], place: int, taken: set[int]) -> Iterator[Stated]:
    place += at(tokens, place).text == ":"
    if at(tokens, place).sort is Sort.NUMBER and place not in taken:
        taken.add(place)
        yield from pack(number_of(tokens[place].text))


def _counts_at_start(tokens: Sequence[Token]) -> bool:
    """Whether the text begins with '2x' and a word that nothing is magnified by."""
    number, cross, word = (at(tokens, place) for place in range(3))
    multiplied = number.sort is Sort.NUMBER and cross.text == "x" and cross.glued
    return multiplied and word.sort in (Sort.WORD, Sort.HAN) and not word.glued and word.text not in _zooms()


@cache
def _named() -> Phrases[int]:
    return Phrases(table("packs")["named"].items())


@cache
def _before() -> Phrases[bool]:
    return Phrases((phrase, True) for phrase in table("packs")["before"])


@cache
def _zooms() -> frozenset[str]:
    return names(table("packs")["zooms"])
