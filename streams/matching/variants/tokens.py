"""A text as its numbers, words and signs, folded so that spelling does not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

_LONGEST = 1_000
_MOST_TOKENS = 400
"""Of one text; what tells variants apart stands at its beginning, and nobody may make reading it slow."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_SAME = str.maketrans(
    {
        **dict.fromkeys("×✕✖╳х", "x"),  # noqa: RUF001 (signs and a letter that stand for a cross)
        **dict.fromkeys("″”“„‟〃", '"'),
        **dict.fromkeys("’‘′`´", "'"),  # noqa: RUF001 (what people type for an apostrophe)
        **dict.fromkeys("‐‑‒–—−－", "-"),  # noqa: RUF001 (all dashes are one)
        **dict.fromkeys("™®©", " "),
        "²": "2",
        "³": "3",
        "½": ".5",
    }
)
_TOKEN = re.compile(r"((?:(?<![\w.])\.)?[0-9]+(?:[.,'][0-9]+)*)|([\u3400-\u9fff]+)|([^\W\d_\u3400-\u9fff]+)|(\S)")
_OUTSIDE = re.compile(r"[\W_]+")


class Sort(IntEnum):
    """What a token is made of; the group of the pattern that finds it."""

    NUMBER = 1
    HAN = 2
    WORD = 3
    SIGN = 4


class Token(NamedTuple):
    """A run of digits, of letters, of Chinese characters, or a sign.

    Args:
        sort: which of them.
        text: folded.
        glued: whether it follows the token before it without a blank.
    """

    sort: Sort
    text: str
    glued: bool


_END = Token(Sort.SIGN, "", glued=False)


def folded(text: str) -> str:
    """Case, accents, width and typographic signs folded, and only so much of it as is looked at."""
    plain = text[:_LONGEST].translate(_SAME)
    if not plain.isascii():
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain).casefold())
        plain = unicodedata.normalize("NFKC", plain)[:_LONGEST]
    return plain.lower().replace("''", '"')


def squeezed(text: str) -> str:
    """A folded text without anything but letters and digits."""
    return _OUTSIDE.sub("", text)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a folded text, in order."""
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        found.append(Token(Sort(match.lastindex or Sort.SIGN), match[0], match.start() == end))
        end = match.end()
        if len(found) == _MOST_TOKENS:
            break
    return found


def at(tokens: Sequence[Token], place: int) -> Token:
    """The token at a place, or an empty sign where there is none."""
    return tokens[place] if 0 <= place < len(tokens) else _END
