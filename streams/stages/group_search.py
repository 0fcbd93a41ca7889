"""Whose products marks may change, and what these are now: reading no more of the index than that needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.index.port import Index, Payload
from streams.matching.grouping import Exploration, Group, Links, links_of
from streams.stages import state

_PAGE = 512
"""Points that one answer of the index holds at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a point says to the group stage.

    Args:
        exists: whether there is such a point at all.
        links: of the match list; None for a listing that is not there or has no list yet.
        offer: what the listing asks.
        product_id: the product it was put into.
        told: the last event of the product with this listing's id.
        regrouping: what an attempt that was cut off was about to change; None if there was none.
        crowd_links: whom it listed when it was last found in a crowd.
    """

    exists: bool
    links: Links | None
    offer: Offer
    product_id: str | None
    told: ProductEvent | None
    regrouping: tuple[str, ...] | None
    crowd_links: frozenset[str]

    @classmethod
    def of(cls, listing_id: str, payload: Payload) -> Self:
        """Read a payload, empty for a point that does not exist."""
        list_ = state.matches_of(payload) if state.standing_of(payload).listed else None
        told, regrouping = payload.get(state.PRODUCT), payload.get(state.REGROUPING)
        return cls(
            exists=bool(payload),
            links=None if list_ is None else links_of(list_.matches),
            offer=Offer.of(listing_id, payload.get(state.LISTING) or {}),
            product_id=payload.get(state.PRODUCT_ID),
            told=None if told is None else ProductEvent.from_json(told),
            regrouping=None if regrouping is None else tuple(regrouping),
            crowd_links=frozenset(payload.get(state.CROWD_LINKS) or ()),
        )

    @property
    def companions(self) -> set[str]:
        """Who leads to all members that its product had: the product's id, and whom the product of its own id held."""
        own = self.told.members if self.told is not None and self.told.members is not None else ()
        return {*own, *([] if self.product_id is None else [self.product_id])}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        seen: every listing that was looked at.
        groups: the present group of each listing whose product may have changed; None for one that is not there.
        crowded: listings that hang together with more than a product may have; not all of such a crowd.
    """

    seen: Mapping[str, Seen]
    groups: Mapping[str, Group | None]
    crowded: frozenset[str]


async def search(marked: Collection[str], index: Index, limit: int) -> Found:
    """Look from the marked listings as far as their products, old and new, reach.

    Each listing is looked at once, so that all that is found follows from one graph, even if not all of
    it was there at one moment: whoever's list changes meanwhile will be marked.
    """
    searching = _Search(frozenset(marked), Exploration(limit))
    while wanted := sorted(searching.wanted()):
        for start in range(0, len(wanted), _PAGE):
            page = wanted[start : start + _PAGE]
            points = await index.read(page)
            searching.learn({one: Seen.of(one, points[one].payload if one in points else {}) for one in page})
    return searching.found()


@dataclass
class _Search:
    marked: frozenset[str]
    exploration: Exploration
    seen: dict[str, Seen] = field(default_factory=dict)
    groups: dict[str, Group | None] = field(default_factory=dict)

    def learn(self, seen: Mapping[str, Seen]) -> None:
        self.seen.update(seen)
        self.exploration.learn({listing_id: one.links for listing_id, one in seen.items()})

    def wanted(self) -> set[str]:
        """Whom to look at next; nobody once the groups are those of all who may be touched."""
        self.groups.clear()
        waiting, wanted = list(self.marked), set[str]()
        while waiting:
            listing_id = waiting.pop()
            if listing_id not in self.groups:
                finding = self.exploration.find(listing_id)
                self.groups[listing_id] = finding.group
                wanted |= finding.wanted
                waiting.extend(self._touched_with(listing_id))
        return wanted

    def _touched_with(self, listing_id: str) -> set[str]:
        """Whose products may change where this listing's may."""
        seen, group = self.seen.get(listing_id), self.groups[listing_id]
        if seen is None:
            return set()
        members = () if group is None else group.members
        around = self._around_a_mark(listing_id, seen) if listing_id in self.marked else ()
        return {*members, *seen.companions, *around}

    def _around_a_mark(self, listing_id: str, seen: Seen) -> set[str]:
        """Who else is touched by a new list.

        Within the limit that is nobody but the members of its products, old and new. A crowd is looked
        at in part only, and may begin or end with a link of this listing: so everybody it is or was
        linked to is looked at.
        """
        crowd = seen.links or {} if self.exploration.crowd(listing_id) else {}
        return {*(seen.regrouping or ()), *seen.crowd_links, *crowd}

    def found(self) -> Found:
        crowded = {one for listing_id in self.groups for one in self.exploration.crowd(listing_id)}
        return Found(self.seen, self.groups, frozenset(crowded))
