"""The tables of words this package reads by, and finding their phrases in a text."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

from streams.matching.variants.tokens import Sort, Token, at, folded, tokens_of

Meaning = TypeVar("Meaning")
_BETWEEN = ("-", ".")
"""Signs that may stand between the words of a phrase: 'fl. oz', '3er-Set'."""


@cache
def table(name: str) -> dict[str, Any]:
    """One table of the package, read once."""
    text = files("streams.matching.variants").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def names(words: Iterable[str]) -> frozenset[str]:
    """Words and phrases as they are looked up by `name_of`."""
    return frozenset(name_of(word) for word in words)


def name_of(text: str) -> str:
    """A name, of an attribute for instance, without signs: 'Pack-Size' and 'pack_size' are one."""
    return " ".join(token.text for token in tokens_of(folded(text).replace("_", " ")) if token.sort is not Sort.SIGN)


class Phrases(Generic[Meaning]):
    """Words and phrases with a meaning each, found in tokens, the longest first.

    Chinese words are found at the beginning of a run of characters, because nothing parts them there.
    """

    def __init__(self, meanings: Iterable[tuple[str, Meaning]]) -> None:
        self._by_first: defaultdict[str, list[tuple[list[Token], Meaning]]] = defaultdict(list)
        for phrase, meaning in meanings:
            tokens = tokens_of(folded(phrase))
            first = tokens[0]
            self._by_first[first.text[0] if first.sort is Sort.HAN else first.text].append((tokens, meaning))
        for phrases in self._by_first.values():
            phrases.sort(key=lambda one: (-len(one[0]), -len(one[0][0].text)))

    def find(self, tokens: Sequence[Token], place: int) -> tuple[Meaning, int] | None:
        """The meaning of what stands at a place, and the place behind it."""
        first = at(tokens, place)
        key = first.text[:1] if first.sort is Sort.HAN else first.text
        for phrase, meaning in self._by_first.get(key, ()):
            end = _end(phrase, tokens, place)
            if end is not None:
                return meaning, end
        return None


def _end(phrase: Sequence[Token], tokens: Sequence[Token], place: int) -> int | None:
    """The place behind a phrase that begins at `place`; None where it does not."""
    if phrase[0].sort is Sort.HAN:
        return place + 1 if at(tokens, place).text.startswith(phrase[0].text) else None
    for number, wanted in enumerate(phrase):
        if number and not wanted.glued and at(tokens, place).text in _BETWEEN:
            place += 1
        got = at(tokens, place)
        if got.text != wanted.text or (wanted.glued and not got.glued):
            return None
        place += 1
    return place
