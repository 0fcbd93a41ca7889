"""Where two listings' words differ, so that eyes find it: pure text in, marked pieces out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

import orjson

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_][^\d\s!-/:-@\[-`{-~]*")
"""A number, or letters with what belongs to them; '64GB' is two words, so that '64 GB' is no other."""
_MOST_ROWS: Final = 60
_LONGEST_VALUE: Final = 300


class Mark(StrEnum):
    """How a piece of text stands out; the name of its class on the page."""

    NONE = ""
    WORD = "apart"
    """A word that the other side lacks."""

    NUMBER = "apart number"
    """A number that the other side lacks, or the unit behind one."""


class Piece(NamedTuple):
    """Text that is marked as a whole."""

    text: str
    mark: Mark


class Row(NamedTuple):
    """What two listings state under one name; None where one states nothing.

    Attributes:
        differs: both state something, and not the same.
    """

    name: str
    one: str | None
    other: str | None
    differs: bool


def marked(text: str, other: str) -> list[Piece]:
    """A text in pieces, with those words marked that the other one lacks; joined they are the text again.

    Where the other one says nothing, nothing stands out.
    """
    if not other.strip():
        return [Piece(text, Mark.NONE)] if text else []
    known = {_folded(found.group()) for found in _WORD.finditer(other)}
    pieces: list[Piece] = []
    for piece in _pieces(text, known):
        if pieces and pieces[-1].mark is piece.mark:
            pieces[-1] = Piece(pieces[-1].text + piece.text, piece.mark)
        elif piece.text:
            pieces.append(piece)
    return pieces


def compared_rows(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Row]:
    """Values by name side by side: those that differ first, then those that agree, then what one side states alone."""
    ours, theirs = _named(one), _named(other)
    names = {**theirs, **ours}
    rows = [_row(names[key][0], ours.get(key), theirs.get(key)) for key in names]
    rows.sort(key=lambda row: (not row.differs, row.one is None or row.other is None, row.name.casefold()))
    return rows[:_MOST_ROWS]


def shortened(text: str, longest: int) -> str:
    """At most so many characters, with a sign where something was cut."""
    return text if len(text) <= longest else text[:longest].rstrip() + "…"


def _pieces(text: str, known: set[str]) -> Iterator[Piece]:
    at, after_number = 0, False
    for found in _WORD.finditer(text):
        gap = text[at : found.start()]
        yield Piece(gap, Mark.NONE)
        word, at = found.group(), found.end()
        is_number = word[0].isdigit()
        # '128 GB' against '64 GB': the unit alone is on both sides, the amount is not
        loud = is_number or (after_number and not gap.strip())
        mark = Mark.NONE if _folded(word) in known else Mark.NUMBER if loud else Mark.WORD
        yield Piece(word, mark)
        after_number = is_number
    yield Piece(text[at:], Mark.NONE)


def _folded(word: str) -> str:
    """A word as it is compared: '1,50' is '1.5', and case, width and what is neither letter nor digit do not count."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if plain[:1].isdigit():
        whole, _, rest = plain.replace(",", ".").partition(".")
        return f"{whole.lstrip('0') or '0'}.{rest}".rstrip("0").rstrip(".") if rest else whole.lstrip("0") or "0"
    return "".join(one for one in plain if one.isalnum() or unicodedata.category(one)[0] == "M")


def _named(values: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Name and value in words, by the name as it is compared."""
    return {
        " ".join(str(name).casefold().split()): (shortened(str(name), 80), _shown(value))
        for name, value in values.items()
        if value not in (None, "", [], {})
    }


def _row(name: str, one: tuple[str, str] | None, other: tuple[str, str] | None) -> Row:
    ours, theirs = one and one[1], other and other[1]
    differs = ours is not None and theirs is not None and _words(ours) != _words(theirs)
    return Row(name, ours, theirs, differs)


def _words(text: str) -> list[str]:
    return [_folded(found.group()) for found in _WORD.finditer(text)] or [text]


def _shown(value: object) -> str:
    plain = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return shortened(plain, _LONGEST_VALUE)


__all__ = ["Mark", "Piece", "Row", "compared_rows", "marked", "shortened"]
