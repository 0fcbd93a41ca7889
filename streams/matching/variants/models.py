"""Model numbers: words of letters and digits that name no unit, no size and no standard."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache

from streams.matching.variants.tokens import Sort, Token, at, squeezed
from streams.matching.variants.values import Value
from streams.matching.variants.words import table

_SHORTEST = 4
_SHORTEST_STATED = 3
_TELLING = 6
_CORE_DIGITS = 3
"""How long a model must be to tell listings apart, and how many digits make what is common the model's name.

Both were chosen on PriceRunner offers: shorter ones and suffixes part more offers of one product than they save.
"""
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST = 30
_MOST_WORDS = 2
_DIGITS = 2
_LETTERS_AT_HYPHEN = 4
"""How long a word of letters before or behind a hyphen may be to belong to the number: 'WH-1000', not 'camera-a7'."""
_ALONE = re.compile(r"[a-z]+|[0-9]+")


def models(tokens: Sequence[Token], taken: Collection[int], brand: Collection[str]) -> Iterator[Value]:
    """The model numbers a text names.

    Args:
        tokens: of the text.
        taken: places of what means something else.
        brand: the brand's words, squeezed; they are no model: '3M'.
    """
    for word in _words(tokens, taken):
        model = squeezed(word)
        if _is_model(model) and model not in brand and not _standards().fullmatch(model):
            yield Value(model.upper(), spelled=word.upper())


def stated_model(text: str) -> Iterator[Value]:
    """The model number an attribute of that name states, unless it is a description; digits alone are one, too."""
    model = squeezed(text)
    short = len(text.split()) <= _MOST_WORDS and _SHORTEST_STATED <= len(model) <= _LONGEST
    if short and any(character.isdigit() for character in model):
        yield Value(model.upper(), spelled=text.strip().upper())


def lacking(own: Iterable[Value], other: Iterable[Value], text: str) -> list[Value]:
    """Which of one side's models the other side neither names, nor writes apart in its squeezed `text`, nor varies.

    Short ones are left out, because sellers leave them away or name a series beside the model; digits alone,
    which may be the number of a shop; and what differs from one of the other's only in the letters before and
    behind, which say the colour and the country.
    """
    theirs = [value.shown for value in other]
    return [
        value
        for value in own
        if len(value.shown) >= _TELLING
        and not value.shown.isdecimal()
        and value.shown.lower() not in text
        and not any(_varies(value.shown, one) for one in theirs)
    ]


def _varies(one: str, other: str) -> bool:
    """Whether both may name one model: KD55XE9005 and KD55XE9005BU, KD65XF9005BAEP and 65XF9005BU."""
    if one.startswith(other) or other.startswith(one):
        return True
    core = _core(one)
    return core == _core(other) and sum(character.isdigit() for character in core) >= _CORE_DIGITS


def _core(model: str) -> str:
    """From the first digit to the last."""
    return model.lstrip(_CAPITALS).rstrip(_CAPITALS)


def _is_model(word: str) -> bool:
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isascii() or _ALONE.fullmatch(word):
        return False
    return sum(character.isdigit() for character in word) >= _DIGITS


def _words(tokens: Sequence[Token], taken: Collection[int]) -> Iterator[str]:
    """Runs of letters and digits, those that a hyphen joins as one."""
    word = ""
    for place, token in enumerate(tokens):
        if not token.glued or (place in taken):
            yield word
            word = ""
        if place in taken or token.sort is Sort.HAN:
            continue
        if token.sort is Sort.SIGN:
            if word and token.text == "-" and _joins(tokens, place):
                word += token.text
            else:
                yield word
                word = ""
        else:
            word += token.text
    yield word


def _joins(tokens: Sequence[Token], place: int) -> bool:
    """Whether a hyphen holds a model number together: short letters on one side, something glued on the other."""
    before, behind = at(tokens, place - 1), at(tokens, place + 1)
    long = any(one.sort is Sort.WORD and len(one.text) > _LETTERS_AT_HYPHEN for one in (before, behind))
    return behind.glued and not long and behind.sort in (Sort.NUMBER, Sort.WORD)


@cache
def _standards() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in table("models")["standards"]))
