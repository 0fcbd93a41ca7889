"""Finding the group of single listings, looking at no more of a graph than that needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.matching.grouping.dividing import divided
from streams.matching.grouping.graph import NOTHING_SAID, Graph, Links, Neighbors, reached
from streams.matching.grouping.products import Group
from streams.matching.rules import Verdicts

_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known so far of one listing's group.

    Args:
        group: None while somebody is wanted, and for a listing that is not there.
        wanted: whose lists to look at next.
        divided: everybody it hangs together with, where judgements keep some of these apart: a change anywhere
            among them may then be one of any of their products.
    """

    group: Group | None = None
    wanted: frozenset[str] = _NOBODY
    divided: frozenset[str] = _NOBODY


class Exploration:
    """Groups of listings by the rules of `products`, over a graph that becomes known little by little.

    A component is looked at until all of it is known, or more than `limit` listings of it: what is
    known to be joined stays joined whatever else is learnt. Each time, at most `limit` more lists are
    asked for, so that a huge component costs little more than one of the size allowed.

    Args:
        limit: listings in one product at most.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._graph = Graph()
        self._joined: dict[str, frozenset[str]] = {}
        self._strongly: dict[str, frozenset[str]] = {}
        self._parts: dict[str, frozenset[str]] = {}

    def learn(self, links: Mapping[str, Links | None], verdicts: Verdicts = NOTHING_SAID) -> None:
        """Know the lists of more listings, None for those that are not there, and what people said of them."""
        self._graph.learn(links, verdicts)
        self._joined.clear()
        self._strongly.clear()

    def find(self, listing_id: str) -> Finding:
        """The group of a listing, or whom to look at before it can be told."""
        if listing_id not in self._graph:
            return Finding(wanted=frozenset({listing_id}))
        if self._graph.links(listing_id) is None:
            return Finding()
        if self.crowd(listing_id):
            return self._within_a_crowd(listing_id)
        members = self._component(listing_id)
        if unknown := self._graph.unknown(members):
            return self._wanting(unknown)
        return self._known(listing_id, members, self._graph.counted)

    def crowd(self, listing_id: str) -> frozenset[str]:
        """The listings known to hang together with this one, where they are more than a product may have."""
        members = self._component(listing_id)
        return members if len(members) > self._limit else _NOBODY

    def _within_a_crowd(self, listing_id: str) -> Finding:
        part = _kept(listing_id, self._strongly, self._graph.strong)
        if len(part) > self._limit:
            return Finding(Group.of([listing_id], oversized=True))
        if unknown := self._graph.unknown(part, strong=True):
            return self._wanting(unknown)
        return self._known(listing_id, part, self._graph.strong, oversized=True)

    def _wanting(self, unknown: Iterable[str]) -> Finding:
        return Finding(wanted=frozenset(sorted(unknown)[: self._limit]))

    def _known(
        self, listing_id: str, together: frozenset[str], neighbors: Neighbors, *, oversized: bool = False
    ) -> Finding:
        """The group within what hangs together; all of that is known, so that it is divided once and for ever."""
        if listing_id not in self._parts:
            parts = divided(together, self._graph, neighbors)
            self._parts.update({one: part for part in parts for one in part})
        part = self._parts[listing_id]
        return Finding(Group.of(part, oversized=oversized), divided=_NOBODY if part == together else together)

    def _component(self, listing_id: str) -> frozenset[str]:
        return _kept(listing_id, self._joined, self._graph.counted)


def _kept(listing_id: str, known: dict[str, frozenset[str]], neighbors: Neighbors) -> frozenset[str]:
    """A component, found once for all its members."""
    if listing_id not in known:
        component = reached(listing_id, neighbors)
        known.update(dict.fromkeys(component, component))
    return known[listing_id]
