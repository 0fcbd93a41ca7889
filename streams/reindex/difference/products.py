"""Products of one generation that are merged or split in another.

They are computed from the lists, by the same function as the stream's: the topics of products have every change of
a price in them, and while a generation is behind they say something else than its lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.events import Verdict
from streams.matching.grouping import Graph, Group, linked_products
from streams.matching.grouping.graph import NOTHING_SAID, reached
from streams.matching.rules import Verdicts
from streams.reindex.difference.pairs import Lists


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Listings that are one product in one generation and several in the other.

    Args:
        members: listing ids in order.
        parts: the same, by which product of the other generation they are in; the largest first.
    """

    members: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ProductDifference:
    """How products change.

    Args:
        merged: one product afterwards, several before; the largest first.
        split: one product before, several afterwards; the largest first.
    """

    merged: tuple[Regrouped, ...]
    split: tuple[Regrouped, ...]


def compare_products(
    before: Lists,
    after: Lists,
    changed: Iterable[str],
    limits: tuple[int, int],
    verdicts: Verdicts = NOTHING_SAID,
) -> ProductDifference:
    """Compare the products of two generations.

    Only what hangs together with a changed listing is looked at: a component in which nobody's list changed, before
    and afterwards, is the same in both; unless judgements divide it, for that goes by how similar its listings are.

    Args:
        before: all lists of the one.
        after: all lists of the other.
        changed: listings whose lists differ.
        limits: listings in one product at most, in the one and in the other.
        verdicts: what people said, of both the same.
    """
    starts = {*changed, *judged_different(verdicts)}
    around = _around(before, starts) | _around(after, starts)
    one, other = (_groups(lists, around, limit, verdicts) for lists, limit in zip((before, after), limits, strict=True))
    return ProductDifference(merged=_in_several(other, one), split=_in_several(one, other))


def judged_different(verdicts: Verdicts) -> set[str]:
    """The listings that somebody judged different from another one."""
    return {one for one, said in verdicts.items() if Verdict.DIFFERENT in said.values()}


def _around(lists: Lists, changed: Iterable[str]) -> set[str]:
    """Whom the changed listings hang together with."""
    graph = Graph(lists)
    found: set[str] = set()
    for listing_id in changed:
        if listing_id not in found:
            found |= reached(listing_id, graph.counted)
    return found


def _groups(lists: Lists, listing_ids: Iterable[str], limit: int, verdicts: Verdicts) -> dict[str, Group]:
    """The product of each of these listings that is there."""
    some = {one: lists[one] for one in listing_ids if one in lists}
    return {member: group for group in linked_products(some, limit, verdicts).values() for member in group.members}


def _in_several(groups: Mapping[str, Group], others: Mapping[str, Group]) -> tuple[Regrouped, ...]:
    found = (Regrouped(group.members, _parts(group, others)) for group in {id(g): g for g in groups.values()}.values())
    several = [one for one in found if len(one.parts) > 1]
    return tuple(sorted(several, key=lambda one: (-len(one.members), one.members)))


def _parts(group: Group, others: Mapping[str, Group]) -> tuple[tuple[str, ...], ...]:
    parts: dict[str, list[str]] = {}
    for member in group.members:
        if member in others:
            parts.setdefault(others[member].product_id, []).append(member)
    return tuple(sorted(map(tuple, parts.values()), key=lambda part: (-len(part), part)))
