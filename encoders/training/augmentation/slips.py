"""What happens to a title on its way to the keyboard: words left out, in another order, with wrong letters."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from encoders.training.augmentation.spellings import words
from encoders.training.augmentation.wording import table
from encoders.training.dice import Dice

_BARE_NUMBER = re.compile(r"\d[\d.,/]*(?<![.,])")
_TIMES = frozenset("x×*")  # noqa: RUF001 (the sign itself)
_LONG = 5
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def pieces_of(title: str) -> list[str]:
    """The words of a title; what only says something together stays together: '6 x 330 ml'."""
    pieces: list[str] = []
    last = ""
    for word in title.split():
        if pieces and _bound(last, word):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
        last = word
    return pieces


def _bound(word: str, following: str) -> bool:
    """Whether one says nothing, or something else, without the other: '330 ml', '6 x', 'frost free', 'without sim'."""
    word, following = word.lower(), following.lower()
    times = word in _TIMES or following in _TIMES
    denied = word in table("sellers")["denying"] or following == "free"
    return times or denied or _BARE_NUMBER.fullmatch(word) is not None


def tells(piece: str) -> bool:
    """Whether a piece tells one variant of a product from another."""
    words_in = (word.strip(",;:()[]") for word in piece.lower().split())
    return any(letter.isdigit() for letter in piece) or not _telling().isdisjoint(words_in)


@cache
def _telling() -> frozenset[str]:
    telling: list[str] = table("sellers")["telling"]
    return frozenset(telling).union(*(words().others.get(word, ()) for word in telling))


def dropped(pieces: list[str], probability: float, telling_probability: float, dice: Dice) -> list[str]:
    """The pieces without those left out; one at least stays."""
    kept = [piece for piece in pieces if not dice.chance(telling_probability if tells(piece) else probability)]
    return kept or [dice.one_of(pieces)]


def swapped(pieces: list[str], dice: Dice) -> list[str]:
    """The pieces with two neighbours in the other order, neither of which tells variants apart."""
    places = [place for place, pair in enumerate(pairwise(pieces)) if not any(tells(piece) for piece in pair)]
    if not places:
        return pieces
    place = dice.one_of(places)
    return [*pieces[:place], pieces[place + 1], pieces[place], *pieces[place + 2 :]]


def misspelt(pieces: list[str], dice: Dice) -> list[str]:
    """The pieces with one wrong letter in one long word that does not tell variants apart."""
    places = [n for n, piece in enumerate(pieces) if len(piece) >= _LONG and piece.isalpha() and not tells(piece)]
    if not places:
        return pieces
    place = dice.one_of(places)
    return [*pieces[:place], _misspelt(pieces[place], dice), *pieces[place + 1 :]]


def _misspelt(word: str, dice: Dice) -> str:
    """One letter lost, doubled, swapped with the next, or the one beside it on the keyboard; never the first."""
    place = dice.count(1, len(word) - 2)
    before, letter, following, rest = word[:place], word[place], word[place + 1], word[place + 2 :]
    lost, doubled = before + following + rest, before + letter * 2 + following + rest
    turned, slipped = before + following + letter + rest, before + _beside(letter, dice) + following + rest
    return dice.one_of([other for other in (lost, doubled, turned, slipped) if other != word])


def _beside(letter: str, dice: Dice) -> str:
    """A letter beside this one on the keyboard; itself if it is not on this one."""
    row = next((keys for keys in _KEYBOARD if letter.lower() in keys), letter)
    place = row.find(letter.lower())
    beside = dice.one_of([row[n] for n in (place - 1, place + 1) if 0 <= n < len(row)] or [letter])
    return beside.upper() if letter.isupper() else beside
