"""The numbers of a text that have a unit, as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from streams.matching.variants.tokens import Sort, Token, at
from streams.matching.variants.units import Unit, bounds, no_amounts, rates, roles, units
from streams.matching.variants.words import Meaning, Phrases

_CROSSES = ("x", "*")
_TO = ("-", "~")
_MOST_FACTORS = 4
_LONGEST_PHRASE = 3
_DECIMALS = 2
_MOST = 1e12
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,'][0-9]{3}")
_SEPARATORS = re.compile(r"[.,']")


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of a measure, with the unit behind it if there is one."""

    text: str
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Numbers with crosses between them, or the two ends of a range; with a unit at least behind one.

    Args:
        factors: the numbers, in order.
        start: the place where it begins.
        end: the place behind it.
        ranged: whether it is a range.
        role: what a word beside it says that it is of: 'width', 'ram'.
        vague: whether it states nothing: it is only a bound, or it is not clear which number it is.
    """

    factors: tuple[Factor, ...]
    start: int
    end: int
    ranged: bool = False
    role: str = ""
    vague: bool = False


def number_of(text: str, *, large: bool = False) -> float:
    """What digits with separators mean: '1,5' and '1.5' the same, '1.500' fifteen hundred unless the unit is large."""
    groups = _SEPARATORS.split(text)
    thousands = len(groups) > 2 or (not large and _THOUSANDS.fullmatch(text) is not None)  # noqa: PLR2004 (1.234.567)
    if len(groups) > 1 and not (thousands and all(len(group) == 3 for group in groups[1:])):  # noqa: PLR2004 (digits)
        groups[-1] = "." + groups[-1]
    return min(float("".join(groups)), _MOST)


def measures(tokens: Sequence[Token]) -> Iterator[Measure]:
    """Every number with a unit, in order; of '6 x 330 ml' both numbers, together."""
    place = read = 0
    while place < len(tokens):
        found = _measure(tokens, place) if _starts(tokens, place) else None
        if found is not None:
            whole = _with_words(found, tokens, read)
            yield whole
            read = whole.end
        place = read if found else place + 1


def _starts(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number of its own stands here, not one inside a model number."""
    token = tokens[place]
    if token.sort is not Sort.NUMBER:
        return False
    return not (token.glued and at(tokens, place - 1).sort is Sort.WORD)


def _measure(tokens: Sequence[Token], start: int) -> Measure | None:
    """The measure that starts with the number at `start`; None where no unit follows."""
    factors: list[Factor] = []
    place, ranged = start, False
    while len(factors) < _MOST_FACTORS:
        number = tokens[place].text
        unit, place = _unit(tokens, place + 1, number)
        factors.append(Factor(number, unit))
        joint = at(tokens, place).text
        if ranged or at(tokens, place + 1).sort is not Sort.NUMBER or joint not in (*_CROSSES, *_TO):
            break
        ranged = joint in _TO
        place += 1
    if not any(factor.unit for factor in factors):
        return None
    return Measure(tuple(factors), start, place, ranged)


def _doubtful(measure: Measure, tokens: Sequence[Token], read: int) -> bool:
    """Whether a small number that is no amount stands right before a small one that is: '1 22m', '8 6kg'."""
    first, before = measure.factors[0], at(tokens, measure.start - 1)
    if first.unit is None or not first.unit.parted or measure.start <= read:
        return False
    return _starts(tokens, measure.start - 1) and max(len(before.text), len(first.text)) <= _DECIMALS


def _with_words(measure: Measure, tokens: Sequence[Token], read: int) -> Measure:
    """With what the words beside it say: 'up to', 'width', 'RAM'."""
    if _doubtful(measure, tokens, read) or _before(bounds(), tokens, measure.start, read) is not None:
        return replace(measure, vague=True)
    quantities = {factor.unit.quantity.name for factor in measure.factors if factor.unit and factor.unit.quantity.roles}
    if not quantities:
        return measure
    front = _before(roles(), tokens, measure.start - (at(tokens, measure.start - 1).text == ":"), read)
    if front is not None and front[0] in quantities:
        return replace(measure, role=front[1])
    behind = roles().find(tokens, measure.end)
    if behind is not None and behind[0][0] in quantities:
        return replace(measure, role=behind[0][1], end=behind[1])
    return measure


def _before(phrases: Phrases[Meaning], tokens: Sequence[Token], end: int, read: int) -> Meaning | None:
    """The meaning of the phrase that ends before `end`."""
    for start in range(end - 1, max(end - 1 - _LONGEST_PHRASE, read - 1), -1):
        found = phrases.find(tokens, start)
        if found is not None and found[1] == end:
            return found[0]
    return None


def _unit(tokens: Sequence[Token], place: int, number: str) -> tuple[Unit | None, int]:
    """The unit behind a number and the place behind it; no unit and `place` where there is none."""
    here = place + (at(tokens, place).text == "-" and at(tokens, place + 1).sort is not Sort.NUMBER)
    found = units().find(tokens, here)
    if found is None:
        return None, place
    unit, end = found
    glued = at(tokens, here).glued
    if (unit.glued and not glued) or (glued and number + at(tokens, here).text in no_amounts()):
        return None, place
    amount = number_of(number, large=unit.large) * unit.factor
    if _goes_on(tokens, end) or not unit.quantity.least <= amount <= unit.quantity.most:
        return None, place
    return unit, end


def _goes_on(tokens: Sequence[Token], end: int) -> bool:
    """Whether what looked like a unit is the middle of a model number, or a rate."""
    behind = at(tokens, end)
    if behind.glued and behind.sort is Sort.NUMBER and at(tokens, end - 1).sort is Sort.WORD:
        return True
    return behind.text == "/" and behind.glued and at(tokens, end + 1).text in rates()
