"""What sellers write in more ways than one: long and short words, units, model numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from encoders.training.augmentation.wording import table
from encoders.training.dice import Dice

_NUMBER = r"(?<![\w.,/-])(\d+(?:[.,]\d+)?)"
_WORDY = 5
"""Letters from which on a unit is parted from its number."""

_INNER_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W_])|(?<=\d)-(?=[^\W\d_])")
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[^\W\d_]{2})(?=\d{3})")
_MIXED = re.compile(r"(?=\S*\d)(?=\S*[^\W\d_])\S+")


class Spellings(NamedTuple):
    """Where a text has words with other spellings, and what those are.

    Args:
        pattern: finds them; for units, the number is its first group and the unit its last.
        others: other spellings of each, in small letters.
    """

    pattern: re.Pattern[str]
    others: Mapping[str, tuple[str, ...]]


def respelled(title: str, probability: float, dice: Dice) -> str:
    """The title with each phrase and unit that has other spellings in one of those, with that probability."""
    phrases, measures = words(), units()

    def phrase(match: re.Match[str]) -> str:
        others = phrases.others.get(match[0].lower())
        return _like(match[0], dice.one_of(others)) if others and dice.chance(probability) else match[0]

    def measure(match: re.Match[str]) -> str:
        unit = match[match.lastindex or 0]
        others = measures.others.get(unit.lower())
        if not others or not dice.chance(probability):
            return match[0]
        other = dice.one_of(others)
        parted = len(other) >= _WORDY or (other not in _always_beside() and dice.chance(0.5))
        return f"{match[1]}{' ' * parted}{_like(unit, other)}"

    return measures.pattern.sub(measure, phrases.pattern.sub(phrase, title))


def remodelled(title: str, probability: float, dice: Dice) -> str:
    """The title with the parts of each model number joined or parted otherwise: 'SM-G960F', 'SMG960F', 'SM G960F'."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if not dice.chance(probability):
            return word
        if _INNER_HYPHEN.search(word):
            return _INNER_HYPHEN.sub(dice.pick("", " "), word)
        return _LETTERS_THEN_DIGITS.sub(dice.pick("-", " "), word, count=1)

    return _MIXED.sub(other, title)


@cache
def words() -> Spellings:
    """Phrases that can be written otherwise."""
    rows = [row for shelf in table("abbreviations")["words"].values() for row in _rows(shelf)]
    others = _others(rows, _rows(table("abbreviations")["written"]))
    return Spellings(re.compile(rf"(?<![\w/.&-])(?:{_any_of(others)})(?![\w/&-])", re.IGNORECASE), others)


@cache
def units() -> Spellings:
    """Units that can be written otherwise."""
    of = table("abbreviations")["units"]
    both = [(*row, *of["beside"].get(row[0], ())) for row in _rows(of["both"])]
    others = _others(both, _rows(of["written"]))
    glued = {spelling for row in of["beside"].values() for spelling in row}
    parted = _any_of(set(others) - glued)
    return Spellings(re.compile(rf"{_NUMBER}(?:\s?({parted})|({_any_of(glued)}))(?!\w)", re.IGNORECASE), others)


@cache
def _always_beside() -> frozenset[str]:
    of = table("abbreviations")["units"]
    return frozenset(['"', *(word for part in ("beside", "written") for row in of[part].values() for word in row)])


def _rows(shelf: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(long, *others) for long, others in shelf.items()]


def _others(both: Iterable[tuple[str, ...]], written: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    others = {word: tuple(other for other in row if other != word) for row in both for word in row}
    for long, *short in written:
        others[long] = (*others.get(long, ()), *short)
    return others


def _any_of(spellings: Iterable[str]) -> str:
    """A pattern for any of them, the longest first."""
    return "|".join(re.escape(word) for word in sorted(spellings, key=lambda word: (-len(word), word)))


def _like(model: str, word: str) -> str:
    """A word in capitals where the one it replaces is."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
