"""Who matches whom, and which of it joins two listings to one product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from streams.events import Match

Links = Mapping[str, bool]
"""Whom a listing has in its match list, and whether as a strong match."""

Neighbors = Callable[[str], Iterable[str]]
"""Who is joined to a listing."""


def links_of(matches: Iterable[Match]) -> dict[str, bool]:
    """A match list as links."""
    return {match.listing_id: match.strong for match in matches}


class Graph:
    """Match lists, as far as they are known; a listing that is not listed or has no list is known as None.

    Two listings are linked if each has the other in its list. A link counts if it is strong on both
    sides or the two are both linked to a third: a weak match alone never bridges two products.
    """

    def __init__(self, links: Mapping[str, Links | None] | None = None) -> None:
        self._links: dict[str, Links | None] = {}
        self._linked: dict[str, frozenset[str]] = {}
        self.learn(links or {})

    def learn(self, links: Mapping[str, Links | None]) -> None:
        """Know the lists of more listings."""
        self._links.update(links)
        self._linked.clear()

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
            for other, is_strong in (self.links(listing_id) or {}).items()
            if other not in self._links and (is_strong or not strong)
        }

    def strong(self, listing_id: str) -> list[str]:
        """Who is linked to it strongly on both sides."""
        own = self.links(listing_id) or {}
        return [other for other in self._linked_to(listing_id) if own[other] and self._links_back(other, listing_id)]

    def counted(self, listing_id: str) -> list[str]:
        """Who is linked to it by a link that counts."""
        linked, strong = self._linked_to(listing_id), set(self.strong(listing_id))
        return [one for one in linked if one in strong or not linked.isdisjoint(self._linked_to(one))]

    def _links_back(self, other: str, listing_id: str) -> bool:
        return bool((self.links(other) or {}).get(listing_id))

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
