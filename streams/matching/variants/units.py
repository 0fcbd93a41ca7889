"""Units and their words; pint knows how they convert, and is asked once for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pint

from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.words import Phrases, table

_READING = "reading"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What amounts are amounts of.

    Args:
        name: amounts are compared within it.
        kind: the veto it is for.
        slack: how far apart two amounts of the same thing may be, as a share of the larger.
        shown: symbol, what one of it is in the base unit, and the amount in the base unit from which on it is used.
        packed: whether 'n x amount' is a pack of n.
        measured: whether 'n x m unit' is one thing of that measure.
        least: what is less is no amount of it; likewise `most`.
        roles: whether words beside it can make it something else.
    """

    name: str
    kind: VetoKind
    slack: float
    shown: tuple[tuple[str, float, float], ...]
    packed: bool = False
    measured: bool = False
    least: float = 0.0
    most: float = 1e12
    roles: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """One word's unit.

    Args:
        quantity: what it measures.
        factor: what one of it is in the quantity's base unit.
        glued: whether the word must stand right behind its number.
        large: whether nobody sells a thousand of it.
        parted: whether a number before its own may be a part of it that a blank cut off.
    """

    quantity: Quantity
    factor: float
    glued: bool = False
    large: bool = False
    parted: bool = False


PACK = Quantity("pack", VetoKind.PACK, slack=0.0, shown=(("-pack", 1.0, 0.0),), packed=True)


@cache
def units() -> Phrases[Unit]:
    """Every unit's words, those that count pieces among them."""
    counting = [(word, Unit(PACK, 1.0)) for word in table("packs")["behind"]]
    return Phrases([*_measuring(table("units")), *counting])


@cache
def rates() -> frozenset[str]:
    """What behind a unit and a stroke makes it a rate."""
    return frozenset(table("units")[_READING]["rates"])


@cache
def no_amounts() -> frozenset[str]:
    """Numbers with a unit that are names: '4k', '5g'."""
    return frozenset(table("units")[_READING]["names"])


@cache
def bounds() -> Phrases[bool]:
    """What makes the amount behind it a bound."""
    return Phrases((phrase, True) for phrase in table("units")[_READING]["bounds"])


@cache
def roles() -> Phrases[tuple[str, str]]:
    """Words beside an amount that say what it is of: the quantity's name and the role's."""
    return Phrases(
        (word, (name, role))
        for name, rows in table("units").items()
        for role, words in rows.get("roles", {}).items()
        for word in words
    )


def shown(amount: float, quantity: Quantity) -> str:
    """An amount in its base unit, as reasons show it."""
    symbol, factor, _ = next(one for one in reversed(quantity.shown) if amount >= one[2] or one is quantity.shown[0])
    return f"{plain(amount / factor)}{symbol if symbol.startswith('-') else ' ' + symbol}"


def plain(number: float) -> str:
    """A number without an exponent and with six digits that count at most."""
    text = f"{number:.6g}"
    return f"{number:.0f}" if "e" in text else text


def _measuring(tables: Mapping[str, Any]) -> Iterator[tuple[str, Unit]]:
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    flags = [frozenset(tables[_READING][name]) for name in ("glued", "large", "parted")]
    for name, rows in tables.items():
        if name == _READING:
            continue
        quantity = _quantity(name, rows, registry)
        for unit, words in rows["units"].items():
            factor = _factor(registry, unit, rows["base"])
            yield from ((word, Unit(quantity, factor, *(word in flag for flag in flags))) for word in words)


def _quantity(name: str, rows: Mapping[str, Any], registry: pint.UnitRegistry[Any]) -> Quantity:
    shown_by = []
    for symbol, unit, least in rows["shown"]:
        factor = _factor(registry, unit, rows["base"])
        shown_by.append((symbol, factor, least * factor))
    return Quantity(
        name,
        VetoKind(rows.get("kind", VetoKind.AMOUNT)),
        rows["slack"],
        tuple(shown_by),
        packed=rows.get("packed", False),
        measured=rows.get("measured", False),
        least=rows.get("least", 0.0),
        most=rows.get("most", 1e12),
        roles="roles" in rows,
    )


def _factor(registry: pint.UnitRegistry[Any], unit: str, base: str) -> float:
    return float(registry(unit).to(base).magnitude)
