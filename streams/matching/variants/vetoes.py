"""When two listings contradict each other, and the reason in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from streams.matching.details import Details
from streams.matching.variants.colours import near
from streams.matching.variants.facts import Facts, facts_of
from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.models import lacking
from streams.matching.variants.values import Value

_MOST_SHOWN = 3
_WORDS: Mapping[VetoKind, str] = {
    VetoKind.GTIN: "GTIN differs: ",
    VetoKind.SIZE: "size ",
    VetoKind.COLOUR: "colour ",
    VetoKind.MODEL: "model ",
}


@dataclass(frozen=True, slots=True)
class Veto:
    """A contradiction that keeps two listings apart.

    Args:
        kind: of the values that contradict each other.
        reason: the values in words, own side first: '64 GB against 128 GB'.
    """

    kind: VetoKind
    reason: str


def vetoes_of(own: Details, other: Details, kinds: Collection[VetoKind]) -> tuple[Veto, ...]:
    """The contradictions of two listings, one of each of `kinds` at most, in the order of `VetoKind`.

    Two listings contradict each other where each states a value that the other lacks. One that states
    nothing, or only more than the other, contradicts nothing.
    """
    if not kinds:
        return ()
    ours, theirs = facts_of(own), facts_of(other)
    reasons: dict[VetoKind, list[str]] = {}
    for place in ours.values.keys() & theirs.values.keys():
        kind = place[0]
        if kind in kinds and (apart := _apart(kind, place, ours, theirs)):
            reasons.setdefault(kind, []).append(apart)
    return tuple(
        Veto(kind, _WORDS.get(kind, "") + ", ".join(sorted(set(reasons[kind])))) for kind in VetoKind if kind in reasons
    )


def _apart(kind: VetoKind, place: tuple[VetoKind, str], ours: Facts, theirs: Facts) -> str:
    """The values each side states alone, as '64 GB against 128 GB'; empty if one side states none alone."""
    own, other = ours.values[place], theirs.values[place]
    if kind is VetoKind.MODEL:
        left, right = lacking(own, other, theirs.text), lacking(other, own, ours.text)
    else:
        left, right = _alone(kind, own, other), _alone(kind, other, own)
    return f"{_shown(left)} against {_shown(right)}" if left and right else ""


def _alone(kind: VetoKind, own: Sequence[Value], other: Sequence[Value]) -> list[Value]:
    """The values that nothing on the other side is like."""
    colour = kind is VetoKind.COLOUR
    return [value for value in own if not any(value.like(one) or (colour and near(value, one)) for one in other)]


def _shown(values: Sequence[Value]) -> str:
    some = [value.spelled or value.shown for value in sorted(values, key=lambda one: (one.numbers, one.shown))]
    return " and ".join(some[:_MOST_SHOWN])
