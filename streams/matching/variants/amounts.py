"""Amounts, storage sizes and packs: what the numbers with a unit state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.measures import Factor, Measure, number_of
from streams.matching.variants.units import PACK, Quantity, Unit, shown
from streams.matching.variants.values import Stated, Value

_MOST_PACKED = 10_000
_MOST = 1e9


def stated(measure: Measure) -> Iterator[Stated]:
    """What a measure states."""
    unit = next((factor.unit for factor in reversed(measure.factors) if factor.unit), None)
    if unit is None:
        return
    quantity = unit.quantity
    own = [factor for factor in measure.factors if factor.unit and factor.unit.quantity is quantity]
    if measure.ranged:
        yield from _each(measure.factors, unit)
    elif len(measure.factors) == 1 or not (quantity.packed or quantity.measured):
        yield from _each(own, unit)
    elif quantity.measured:
        yield from _sides(measure.factors, unit)
    else:
        yield from _packed(measure.factors, own, unit)


def pack(count: float) -> Iterator[Stated]:
    """A pack of so many, if that is a count."""
    if count == int(count) and 1 <= count < _MOST_PACKED:
        yield (VetoKind.PACK, PACK.name), _amount(count, PACK)


def _each(factors: Sequence[Factor], unit: Unit) -> Iterator[Stated]:
    """Amounts side by side; a number without a unit has that of the others."""
    for factor in factors:
        quantity = unit.quantity
        amount = _in_base(factor, unit)
        if quantity is PACK:
            yield from pack(amount)
        elif 0 < amount < _MOST * unit.factor:
            yield (quantity.kind, quantity.name), _amount(amount, quantity)


def _sides(factors: Sequence[Factor], unit: Unit) -> Iterator[Stated]:
    """One thing by its sides, in whatever order."""
    sides = tuple(sorted(_in_base(factor, unit) for factor in factors))
    if sides[0] > 0:
        quantity = unit.quantity
        text = " × ".join(shown(side, quantity) for side in sides)  # noqa: RUF001 (the sign itself)
        yield (quantity.kind, f"{quantity.name} of sides"), Value(text, sides, quantity.slack)


def _packed(factors: Sequence[Factor], own: Sequence[Factor], unit: Unit) -> Iterator[Stated]:
    """'6 x 330 ml' is a pack and what is in each; of storage and of pieces it is the sum that counts, too."""
    yield from _each(own, unit)
    counts = [number_of(factor.text) for factor in factors if factor.unit is None]
    quantity = unit.quantity
    if len(counts) != 1 or len(own) != 1:
        return
    if quantity.kind is not VetoKind.STORAGE:
        yield from pack(counts[0])
    if quantity.kind is not VetoKind.AMOUNT:
        total = counts[0] * _in_base(own[0], unit)
        yield from pack(total) if quantity is PACK else [((quantity.kind, quantity.name), _amount(total, quantity))]


def _in_base(factor: Factor, unit: Unit) -> float:
    of = factor.unit or unit
    return number_of(factor.text, large=of.large) * of.factor


def _amount(amount: float, quantity: Quantity) -> Value:
    return Value(shown(amount, quantity), (amount,), quantity.slack)
