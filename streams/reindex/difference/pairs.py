"""The match lists of two generations beside each other, in pairs of listings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streams.matching.grouping import Links

Pair = tuple[str, str]
"""Two listing ids, in order."""

Lists = Mapping[str, Links]
"""Of each listing that is there, whom it lists."""


@dataclass(frozen=True, slots=True)
class ListDifference:
    """What one generation lists otherwise than another. A pair counts once, in whichever of its two lists it is.

    Args:
        listings: how many have a list, in the one and in the other.
        before: pairs that the one has.
        after: pairs that the other has.
        gained: those that only the other has.
        lost: those that only the one has.
        changed: listings whose list has others in it, or is in one of the two only.
    """

    listings: tuple[int, int]
    before: int
    after: int
    gained: frozenset[Pair]
    lost: frozenset[Pair]
    changed: frozenset[str]

    @property
    def kept(self) -> int:
        """Pairs that both have."""
        return self.before - len(self.lost)

    @property
    def share(self) -> float:
        """Of the pairs in either, those that would change; 0 where there is no pair."""
        changing = len(self.gained) + len(self.lost)
        return changing / (self.kept + changing) if changing else 0.0

    @property
    def concerned(self) -> frozenset[str]:
        """Listings that gain or lose somebody."""
        return frozenset(one for pairs in (self.gained, self.lost) for pair in pairs for one in pair)


def compare_lists(before: Lists, after: Lists) -> ListDifference:
    """Compare all lists of one generation with all those of another."""
    changed = frozenset(one for one in {*before, *after} if _decides_otherwise(before.get(one), after.get(one)))
    return ListDifference(
        listings=(len(before), len(after)),
        before=sum(1 for _ in pairs_of(before)),
        after=sum(1 for _ in pairs_of(after)),
        gained=_only_in(after, before, changed),
        lost=_only_in(before, after, changed),
        changed=changed,
    )


def pairs_of(lists: Lists) -> Iterator[Pair]:
    """Every pair once, whichever of the two lists it is in."""
    for listing_id, links in lists.items():
        for other in links:
            if listing_id < other or listing_id not in lists.get(other, {}):
                yield in_order(listing_id, other)


def in_order(one: str, other: str) -> Pair:
    """Two listings as a pair."""
    return (one, other) if one < other else (other, one)


def _decides_otherwise(links: Links | None, others: Links | None) -> bool:
    """Whether two lists differ in more than how similar who is in them is."""
    if links == others:
        return False
    if links is None or others is None or links.keys() != others.keys():
        return True
    return any(link.strong != others[one].strong for one, link in links.items())


def _only_in(lists: Lists, others: Lists, changed: frozenset[str]) -> frozenset[Pair]:
    return frozenset(
        in_order(one, other)
        for one in changed
        for other in lists.get(one, {})
        if other not in others.get(one, {}) and one not in others.get(other, {})
    )
