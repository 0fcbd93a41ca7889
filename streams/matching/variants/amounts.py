"""Amounts, storage sizes and packs: what the numbers with a unit state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.measures import Factor, Measure, number_of
from streams.matching.variants.units import PACK, Quantity, Unit, shown
from streams.matching.variants.values import Place, Stated, Value

_MOST_PACKED = 10_000
_MOST = 1e9


def stated(measure: Measure) -> Iterator[Stated]:
    """What a measure states; nothing if it is vague."""
    unit = next((factor.unit for factor in reversed(measure.factors) if factor.unit), None)
    if unit is None or measure.vague:
        return
    quantity = unit.quantity
    several = len(measure.factors) > 1 and not measure.ranged
    alike = [factor for factor in measure.factors if factor.unit is None or factor.unit.quantity is quantity]
    if several and quantity.measured:
        yield from _sides(alike, unit)
    elif several and quantity.packed:
        yield from _packed(alike, unit, measure.role)
    else:
        yield from _each([one for one in alike if one.unit or measure.ranged], unit, measure.role)


def pack(count: float) -> Iterator[Stated]:
    """A pack of so many, if that is a count."""
    if count == int(count) and 1 <= count < _MOST_PACKED:
        yield (VetoKind.PACK, PACK.name), _amount(count, PACK)


def _each(factors: Sequence[Factor], unit: Unit, role: str) -> Iterator[Stated]:
    """Amounts side by side; a number without a unit has that of the others."""
    quantity = unit.quantity
    for factor in factors:
        amount = _in_base(factor, unit)
        if quantity is PACK:
            yield from pack(amount)
        elif 0 < amount < _MOST * unit.factor:
            yield _place(quantity, role), _amount(amount, quantity)


def _sides(factors: Sequence[Factor], unit: Unit) -> Iterator[Stated]:
    """One thing by its sides, in whatever order."""
    sides = tuple(sorted(_in_base(factor, unit) for factor in factors))
    if sides[0] > 0:
        quantity = unit.quantity
        text = " × ".join(shown(side, quantity) for side in sides)  # noqa: RUF001 (the sign itself)
        yield (quantity.kind, f"{quantity.name} of sides"), Value(text, sides, quantity.slack)


def _packed(factors: Sequence[Factor], unit: Unit, role: str) -> Iterator[Stated]:
    """'6 x 330 ml' is a pack and what is in each; of storage and of pieces it is the sum that counts, too."""
    own = [factor for factor in factors if factor.unit]
    yield from _each(own, unit, role)
    counts = [number_of(factor.text) for factor in factors if factor.unit is None]
    if len(counts) != 1 or len(own) != 1:
        return
    quantity, total = unit.quantity, counts[0] * _in_base(own[0], unit)
    if quantity.kind is not VetoKind.STORAGE:
        yield from pack(counts[0])
    if quantity is PACK:
        yield from pack(total)
    elif quantity.kind is VetoKind.STORAGE and total > 0:
        yield _place(quantity, role), _amount(total, quantity)


def _place(quantity: Quantity, role: str) -> Place:
    return quantity.kind, f"{quantity.name} {role}".rstrip()


def _in_base(factor: Factor, unit: Unit) -> float:
    of = factor.unit or unit
    return number_of(factor.text, large=of.large) * of.factor


def _amount(amount: float, quantity: Quantity) -> Value:
    return Value(shown(amount, quantity), (amount,), quantity.slack)
