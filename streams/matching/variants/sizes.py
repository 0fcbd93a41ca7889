"""Sizes of clothes and shoes, where they stand as sizes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.measures import number_of
from streams.matching.variants.tokens import Sort, Token, at
from streams.matching.variants.units import plain
from streams.matching.variants.values import Stated, Value
from streams.matching.variants.words import Phrases, names, table

_LETTERS = re.compile(r"(x{0,6})([sl])|(m)")
_MOST_X = 9
_PARTS = {"1/2": 0.5, "1/3": 1 / 3, "2/3": 2 / 3}
_CLINGING = frozenset("'&+.")
"""Signs that make a letter beside them part of something else: 'men's', 'H&M'."""
_SKIPPED = frozenset(":.=-/(")


@dataclass(frozen=True, slots=True)
class System:
    """How sizes are counted: where, and from what to what."""

    name: str
    least: float
    most: float


_EUROPEAN = System("EU", 15, 200)
_LOCAL = System("", 0.5, 30)
"""Of a size that does not say where it is counted: compared with others that do not."""


def sizes(tokens: Sequence[Token], taken: Collection[int], *, clothes: bool, unknown: bool) -> Iterator[Stated]:
    """The sizes a text states.

    Args:
        tokens: of the text.
        taken: places of numbers that mean something else.
        clothes: whether the category is one of clothes or shoes, so that a lone 'M' is a size.
        unknown: whether there is no category, so that 'UK 8' may be one.
    """
    for place in range(len(tokens)):
        if place in taken:
            continue
        word = _before().find(tokens, place)
        if word is not None and at(tokens, place - 1).text not in _not_behind():
            yield from size_at(tokens, word[1], taken, local=word[0])
            continue
        if clothes or unknown:
            yield from _in_system(tokens, place, taken)
        if clothes and (letter := _lone(tokens, place)):
            yield _letter(letter)


def size_at(tokens: Sequence[Token], place: int, taken: Collection[int], *, local: bool) -> Iterator[Stated]:
    """The size behind a word for it: a letter, a word for a letter, or a number, perhaps with its system."""
    while at(tokens, place).text in _SKIPPED:
        place += 1
    said = _said().find(tokens, place)
    letter = said[0] if said else _letters(tokens, place)
    if letter:
        yield _letter(letter)
    elif _systems().find(tokens, place):
        yield from _in_system(tokens, place, taken)
    else:
        small = local and _number(tokens, place, taken) < table("sizes")["european"]
        yield from _stated(tokens, place, taken, _LOCAL if small else _EUROPEAN)


def _in_system(tokens: Sequence[Token], place: int, taken: Collection[int]) -> Iterator[Stated]:
    """'EU 42' or '42 EU'."""
    if (before := _systems().find(tokens, place)) is not None:
        yield from _stated(tokens, before[1], taken, before[0])
        return
    behind = _systems().find(tokens, place + 1) if at(tokens, place).sort is Sort.NUMBER else None
    if behind is not None and at(tokens, behind[1]).sort is not Sort.NUMBER:
        yield from _stated(tokens, place, taken, behind[0])


def _stated(tokens: Sequence[Token], place: int, taken: Collection[int], system: System) -> Iterator[Stated]:
    size = _number(tokens, place, taken)
    if system.least <= size <= system.most:
        text = f"{system.name} {plain(round(size, 2))}".strip()
        yield (VetoKind.SIZE, system.name), Value(text, (size,), slack=0.001)


def _number(tokens: Sequence[Token], place: int, taken: Collection[int]) -> float:
    """The size's number, '42 2/3' as well; zero where none stands."""
    number, behind = at(tokens, place), at(tokens, place + 1)
    if number.sort is not Sort.NUMBER or place in taken:
        return 0.0
    glued = behind.glued and behind.sort in (Sort.WORD, Sort.NUMBER)
    if glued or behind.text in _stops():
        return 0.0
    part = "".join(token.text for token in tokens[place + 1 : place + 4])
    return number_of(number.text, large=True) + _PARTS.get(part, 0.0)


def _lone(tokens: Sequence[Token], place: int) -> str:
    """A letter size that stands by itself in a title of clothes."""
    token, before = at(tokens, place), at(tokens, place - 1)
    behind = at(tokens, place + 1 + (token.sort is Sort.NUMBER))
    if (token.glued and before.text not in "/,-([") or (behind.glued and behind.text not in "/,-)]"):
        return ""
    return _letters(tokens, place)


def _letters(tokens: Sequence[Token], place: int) -> str:
    """'M', 'XL', '3XL': so many X and a letter; 'XXL' and '2XL' are the same."""
    token, times = at(tokens, place), 1
    if token.sort is Sort.NUMBER:
        after = at(tokens, place + 1)
        if len(token.text) > 1 or not after.glued or not after.text.startswith("x"):
            return ""
        token, times = after, int(token.text)
    match = _LETTERS.fullmatch(token.text)
    if match is None or token.sort is not Sort.WORD:
        return ""
    crosses = times if times > 1 else len(match[1] or "")
    return _written(crosses, (match[2] or "m").upper())


def _written(crosses: int, letter: str) -> str:
    if crosses > 2:  # noqa: PLR2004 (3XL and more are written with a number)
        return f"{min(crosses, _MOST_X)}X{letter}"
    return "X" * crosses + letter


def _letter(text: str) -> Stated:
    return (VetoKind.SIZE, "letter"), Value(text)


@cache
def _before() -> Phrases[bool]:
    """Words for a size, and whether small numbers behind them are counted in no system of their own."""
    rows = table("sizes")
    return Phrases((word, word in rows["local"]) for word in rows["before"])


@cache
def _systems() -> Phrases[System]:
    rows = table("sizes")["systems"]
    return Phrases(
        (word, System(name, row["least"], row["most"])) for name, row in rows.items() for word in row["words"]
    )


@cache
def _said() -> Phrases[str]:
    return Phrases(table("sizes")["letters"].items())


@cache
def _not_behind() -> frozenset[str]:
    return names(table("sizes")["not_behind"])


@cache
def _stops() -> frozenset[str]:
    return names(table("sizes")["stops"]["behind"])
