"""Colours, by one name each in whatever language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.tokens import Sort, Token
from streams.matching.variants.values import Value
from streams.matching.variants.words import Phrases, table

BY_CATEGORY = (VetoKind.COLOUR, "category")
"""All colours of a listing whose category says that they make a product."""
BY_ATTRIBUTE = (VetoKind.COLOUR, "attribute")
"""Those that it states as an attribute."""


def colours(tokens: Sequence[Token]) -> list[Value]:
    """The colours a text names, in order; of 'rose gold' that one and not gold."""
    found: list[Value] = []
    place = 0
    while place < len(tokens):
        if tokens[place].sort is Sort.HAN:
            found.extend(_in_run(tokens[place].text))
        named = _phrases().find(tokens, place) or _shade(tokens[place], place)
        if named is not None and tokens[place].sort is Sort.WORD:
            found.append(Value(named[0]))
        place = named[1] if named else place + 1
    return found


def near(one: Value, other: Value) -> bool:
    """Whether sellers call the same thing by both colours."""
    return frozenset((one.shown, other.shown)) in _near()


def _shade(token: Token, place: int) -> tuple[str, int] | None:
    """'dunkelblau' is blue."""
    for prefix in table("colours")["prefixes"]:
        if token.text.startswith(prefix) and len(token.text) > len(prefix):
            found = _phrases().find([Token(Sort.WORD, token.text.removeprefix(prefix), glued=False)], 0)
            return (found[0], place + 1) if found else None
    return None


def _in_run(run: str) -> Iterator[Value]:
    """Colours within Chinese characters, where nothing parts words; a single character must stand alone."""
    for word, colour in _chinese():
        if word in run and (len(word) > 1 or word == run):
            run = run.replace(word, " ")
            yield Value(colour)


@cache
def _phrases() -> Phrases[str]:
    return Phrases((word, colour) for colour, words in table("colours")["words"].items() for word in words)


@cache
def _chinese() -> tuple[tuple[str, str], ...]:
    """Longest first."""
    rows = table("colours")["words"].items()
    words = [(word, colour) for colour, row in rows for word in row if "\u3400" <= word[0] <= "\u9fff"]
    return tuple(sorted(words, key=lambda one: -len(one[0])))


@cache
def _near() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in table("colours")["near"])
