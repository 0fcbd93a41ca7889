"""Who matches whom, and which of it joins two listings to one product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from streams.events import Match, Verdict
from streams.matching.rules import Verdicts


class Link(Protocol):
    """What products go by in a match."""

    @property
    def strong(self) -> bool:
        """Whether it needs no second match to join two products."""

    @property
    def similarity(self) -> float:
        """As it is told."""


class BareLink(NamedTuple):
    """A match of which nothing else is kept."""

    strong: bool
    similarity: float = 0.0


Links = Mapping[str, Link]
"""Whom a listing has in its match list."""

Neighbors = Callable[[str], Iterable[str]]
"""Who is joined to a listing."""


NOTHING_SAID: Verdicts = {}


def links_of(matches: Iterable[Match]) -> dict[str, Match]:
    """A match list as links."""
    return {match.listing_id: match for match in matches}


class Graph:
    """Match lists, as far as they are known; a listing that is not listed or has no list is known as None.

    Two listings are linked if each has the other in its list. A link counts if it is strong on both
    sides or the two are both linked to a third: a weak match alone never bridges two products.
    What people said of two listings is known as soon as one of the two is.
    """

    def __init__(self, links: Mapping[str, Links | None] | None = None, verdicts: Verdicts = NOTHING_SAID) -> None:
        self._links: dict[str, Links | None] = {}
        self._linked: dict[str, frozenset[str]] = {}
        self._verdicts: dict[str, Mapping[str, Verdict]] = {}
        self.learn(links or {}, verdicts)

    def learn(self, links: Mapping[str, Links | None], verdicts: Verdicts = NOTHING_SAID) -> None:
        """Know the lists of more listings, and what people said of them."""
        self._links.update(links)
        self._linked.clear()
        self._verdicts.update(verdicts)

    def __contains__(self, listing_id: str) -> bool:
        """Whether its list, or that it has none, is known."""
        return listing_id in self._links

    def links(self, listing_id: str) -> Links | None:
        """Whom it lists; None for a listing that is not there, or not known."""
        return self._links.get(listing_id)

    def unknown(self, listing_ids: Iterable[str], *, strong: bool = False) -> set[str]:
        """Whom these listings list, and who is not known; only strongly, if so asked."""
        return {
            other
            for listing_id in listing_ids
            for other, link in (self.links(listing_id) or {}).items()
            if other not in self._links and (link.strong or not strong)
        }

    def strong(self, listing_id: str) -> list[str]:
        """Who is linked to it strongly on both sides."""
        own = self.links(listing_id) or {}
        return [other for other in self._linked_to(listing_id) if own[other].strong and self._back(other, listing_id)]

    def counted(self, listing_id: str) -> list[str]:
        """Who is linked to it by a link that counts."""
        linked, strong = self._linked_to(listing_id), set(self.strong(listing_id))
        return [one for one in linked if one in strong or not linked.isdisjoint(self._linked_to(one))]

    def apart(self, listing_ids: frozenset[str]) -> dict[str, set[str]]:
        """Of these listings those that were judged different from others of them, with these others."""
        found: dict[str, set[str]] = {}
        for one in listing_ids if self._verdicts else ():
            for other, verdict in self._verdicts.get(one, {}).items():
                if verdict is Verdict.DIFFERENT and other in listing_ids and other != one:
                    found.setdefault(one, set()).add(other)
                    found.setdefault(other, set()).add(one)
        return found

    def rank(self, pair: tuple[str, str]) -> tuple[bool, bool, float, tuple[str, str]]:
        """Which of two links comes first: judged same, then strong, then similar, then by ids. Of linked listings."""
        one, other = pair
        there, back = (self.links(one) or {})[other], (self.links(other) or {})[one]
        said = (self._verdicts.get(a, {}).get(b) for a, b in (pair, (other, one)))
        weak = not (there.strong and back.strong)
        return Verdict.SAME not in said, weak, -min(there.similarity, back.similarity), pair

    def _back(self, other: str, listing_id: str) -> bool:
        link = (self.links(other) or {}).get(listing_id)
        return link is not None and link.strong

    def _linked_to(self, listing_id: str) -> frozenset[str]:
        if listing_id not in self._linked:
            self._linked[listing_id] = frozenset(
                other
                for other in self.links(listing_id) or {}
                if other != listing_id and listing_id in (self.links(other) or {})
            )
        return self._linked[listing_id]


def reached(start: str, neighbors: Neighbors) -> frozenset[str]:
    """Everybody who is joined to a listing, over however many others; itself too."""
    found, waiting = {start}, [start]
    while waiting:
        new = set(neighbors(waiting.pop())) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)
