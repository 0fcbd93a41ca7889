"""What of a listing's words is compared: sets of small strings, by kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from streams.matching.details import Details
from streams.matching.variants import facts_of
from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.measures import number_of
from streams.matching.variants.units import plain

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_PIECE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_LONGEST_NUMBER = 12
_ACCENTS = re.compile("[\u0300-\u036f]")
_GRAM = 3
_PREFIX = 24
_KEPT = 100_000
"""Listings whose tokens are remembered: those of a batch and around it come up again and again."""


class Kind(StrEnum):
    """One kind of token."""

    WORDS = "words"
    """The words of the title, case and accents folded."""

    PIECES = "pieces"
    """The same, parted where letters and digits meet, so that 'WH-1000XM4' and 'wh 1000 xm4' are the same."""

    NEIGHBORS = "neighbors"
    """Two words, one after the other."""

    GRAMS = "grams"
    """Runs of three characters of the title without its blanks."""

    PREFIX = "prefix"
    """How the title begins, one character longer each: as many are shared as the beginnings have in common."""

    NUMBERS = "numbers"
    """Words of digits alone."""

    VALUES = "values"
    """What numbers amount to, those inside of words too: '7.0' is 7, and 'wh1000' has 1000."""

    CODES = "codes"
    """Words of letters and digits."""

    BRAND = "brand"
    """The words of the brand."""

    CATEGORY = "category"
    """The category, as one token."""

    ATTRIBUTES = "attributes"
    """Each attribute, its name and value as one token."""

    ATTRIBUTE_NAMES = "attribute names"
    """Which attributes there are."""


TokenKind = Kind | VetoKind
Tokens = Mapping[TokenKind, frozenset[str]]
"""A listing's tokens; what variants are told apart by under its own kind."""


@lru_cache(maxsize=_KEPT)
def tokens_of(details: Details) -> Tokens:
    """The tokens of one listing; a kind it has none of is empty or missing."""
    folded = fold(details.title)
    words = _WORD.findall(folded)
    squashed = "".join(words)
    attributes = [(fold(name), fold(value)) for name, value in details.attributes]
    found = {
        Kind.WORDS: words,
        Kind.PIECES: _PIECE.findall(folded),
        Kind.NEIGHBORS: [f"{one} {two}" for one, two in pairwise(words)],
        Kind.GRAMS: _runs(squashed),
        Kind.PREFIX: [squashed[: end + 1] for end in range(min(len(squashed), _PREFIX))],
        Kind.NUMBERS: [word for word in words if not any(letter.isalpha() for letter in word)],
        Kind.VALUES: [_value(number) for number in _NUMBER.findall(folded)],
        Kind.CODES: [word for word in words if _is_code(word)],
        Kind.BRAND: _WORD.findall(fold(details.brand)),
        Kind.CATEGORY: _if_any(fold(details.category).strip()),
        Kind.ATTRIBUTES: [f"{name}={value}" for name, value in attributes],
        Kind.ATTRIBUTE_NAMES: [name for name, _ in attributes],
    }
    facts: Tokens = {kind: some for kind, some in facts_of(details).sets.items()}  # noqa: C416 - a mapping of fewer keys
    return {**{kind: frozenset(some) for kind, some in found.items()}, **facts}


def fold(text: str) -> str:
    """Case, accents and width folded."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed))


def _runs(text: str) -> Iterator[str]:
    return (text[start : start + _GRAM] for start in range(max(len(text) - _GRAM + 1, 1)) if text)


def _value(number: str) -> str:
    return plain(number_of(number)) if len(number) <= _LONGEST_NUMBER else number


def _is_code(word: str) -> bool:
    return any(letter.isalpha() for letter in word) and any(letter.isdigit() for letter in word)


def _if_any(text: str) -> Iterable[str]:
    return [text] if text else []
