"""Whose products marks may change, and what these are now: reading no more of the index than that needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from streams.events import Verdict
from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.index.port import Index, Payload
from streams.matching.grouping import Exploration, Group, Links, links_of
from streams.stages import state
from streams.stages.group_fields import ProductFields, aside_product

_PAGE = 512
"""Points that one answer of the index holds at most."""

_SUBSCRIBERS = ProductFields()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a point says to the group stage.

    Args:
        exists: whether there is such a point at all.
        links: of the match list; None for a listing that is not there or has no list yet.
        offer: what the listing asks.
        product_id: the product it was put into, as it is on record.
        told: the last event of the product with this listing's id.
        regrouping: what an attempt that was cut off was about to change; None if there was none.
        crowd_links: whom it listed when it was last found in a crowd.
        came_from: the product it was in: that one, or where it was put before another generation was live.
        perhaps_in: the latter, as long as nobody looked whether that product has it.
        interrupted: what any attempt that was cut off was about to change, whoever was to hear of it.
        aside: the last event of the product that only this generation knows; None where there is none.
        aside_id: the product that the listing was in then.
        left_over: fields that are to be forgotten with the next write.
        verdicts: what people said of it and others.
        divided: everybody it hung together with when it was last found divided by judgements.
    """

    exists: bool
    links: Links | None
    offer: Offer
    product_id: str | None
    told: ProductEvent | None
    regrouping: tuple[str, ...] | None
    crowd_links: frozenset[str]
    came_from: str | None = None
    perhaps_in: str | None = None
    interrupted: frozenset[str] = frozenset()
    aside: ProductEvent | None = None
    aside_id: str | None = None
    left_over: tuple[str, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    divided: frozenset[str] = frozenset()

    @classmethod
    def of(cls, listing_id: str, payload: Payload, fields: ProductFields = _SUBSCRIBERS) -> Self:
        """Read a payload, empty for a point that does not exist."""
        list_ = state.matches_of(payload) if state.standing_of(payload).listed else None
        regrouping = payload.get(fields.regrouping)
        records = (payload.get(name) or () for name in (state.REGROUPING, state.SHADOW_REGROUPING))
        return cls(
            exists=bool(payload),
            links=None if list_ is None else links_of(list_.matches),
            offer=Offer.of(listing_id, payload.get(state.LISTING) or {}, state.generated_of(payload)),
            product_id=payload.get(fields.product_id),
            told=fields.told(payload),
            regrouping=None if regrouping is None else tuple(regrouping),
            crowd_links=frozenset(payload.get(state.CROWD_LINKS) or ()),
            came_from=payload.get(fields.product_id),
            perhaps_in=fields.perhaps_in(payload),
            interrupted=frozenset(one for record in records for one in record),
            aside=aside_product(payload),
            aside_id=fields.aside_id(payload),
            left_over=tuple(fields.left_over(payload)),
            verdicts=state.verdicts_of(payload),
            divided=frozenset(payload.get(state.DIVIDED) or ()),
        )

    @property
    def members(self) -> tuple[str, ...]:
        """Those that the product of its own id was last told with."""
        return () if self.told is None else self.told.members or ()

    @property
    def companions(self) -> set[str]:
        """Who leads to all members that its product had: the product's id, and whom the product of its own id held.

        That is so of its product for subscribers and of the one that only this generation knew.
        """
        aside = () if self.aside is None else self.aside.members or ()
        return {*self.members, *aside, *(one for one in (self.came_from, self.aside_id) if one is not None)}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        seen: every listing that was looked at.
        groups: the present group of each listing whose product may have changed; None for one that is not there.
        crowded: listings that hang together with more than a product may have; not all of such a crowd.
        divided: those of a group that judgements keep apart from others, with everybody they hang together with.
    """

    seen: Mapping[str, Seen]
    groups: Mapping[str, Group | None]
    crowded: frozenset[str]
    divided: Mapping[str, frozenset[str]] = field(default_factory=dict)


async def search(marked: Collection[str], index: Index, limit: int, fields: ProductFields = _SUBSCRIBERS) -> Found:
    """Look from the marked listings as far as their products, old and new, reach.

    Each listing is looked at once, so that all that is found follows from one graph, even if not all of
    it was there at one moment: whoever's list changes meanwhile will be marked.
    """
    searching = _Search(frozenset(marked), Exploration(limit))
    while wanted := sorted(searching.wanted()):
        for start in range(0, len(wanted), _PAGE):
            page = wanted[start : start + _PAGE]
            points = await index.read(page)
            searching.learn({one: Seen.of(one, points[one].payload if one in points else {}, fields) for one in page})
    return searching.found()


@dataclass
class _Search:
    marked: frozenset[str]
    exploration: Exploration
    seen: dict[str, Seen] = field(default_factory=dict)
    groups: dict[str, Group | None] = field(default_factory=dict)
    divided: dict[str, frozenset[str]] = field(default_factory=dict)

    def learn(self, seen: Mapping[str, Seen]) -> None:
        self.seen.update(seen)
        self._settle()
        verdicts = {listing_id: one.verdicts for listing_id, one in seen.items() if one.verdicts}
        self.exploration.learn({listing_id: one.links for listing_id, one in seen.items()}, verdicts)

    def wanted(self) -> set[str]:
        """Whom to look at next; nobody once the groups are those of all who may be touched."""
        self.groups.clear()
        self.divided.clear()
        waiting, wanted = list(self.marked), set[str]()
        while waiting:
            listing_id = waiting.pop()
            if listing_id not in self.groups:
                finding = self.exploration.find(listing_id)
                self.groups[listing_id] = finding.group
                if finding.divided:
                    self.divided[listing_id] = finding.divided
                wanted |= finding.wanted | self._undecided(listing_id)
                waiting.extend(self._touched_with(listing_id))
        return wanted

    def _undecided(self, listing_id: str) -> set[str]:
        """The product that a listing may be in, as long as nobody looked there."""
        home = self.seen[listing_id].perhaps_in if listing_id in self.seen else None
        return set() if home is None else {home}

    def _settle(self) -> None:
        """A listing is in the product that it may be in if that has been told with it."""
        for listing_id, one in self.seen.items():
            if one.perhaps_in is not None and one.perhaps_in in self.seen:
                there = listing_id in self.seen[one.perhaps_in].members
                self.seen[listing_id] = replace(one, came_from=one.perhaps_in if there else None, perhaps_in=None)

    def _touched_with(self, listing_id: str) -> set[str]:
        """Whose products may change where this listing's may.

        Where judgements divide what hangs together, or did, a link may give way far from the one that changed.
        """
        seen, group = self.seen.get(listing_id), self.groups[listing_id]
        if seen is None:
            return set()
        members = () if group is None else group.members
        around = self._around_a_mark(listing_id, seen) if listing_id in self.marked else ()
        return {*members, *seen.companions, *around, *seen.divided, *self.divided.get(listing_id, ())}

    def _around_a_mark(self, listing_id: str, seen: Seen) -> set[str]:
        """Who else is touched by a new list.

        Within the limit that is nobody but the members of its products, old and new. A crowd is looked
        at in part only, and may begin or end with a link of this listing: so everybody it is or was
        linked to is looked at.
        """
        crowd = seen.links or {} if self.exploration.crowd(listing_id) else {}
        return {*seen.interrupted, *seen.crowd_links, *crowd}

    def found(self) -> Found:
        crowded = {one for listing_id in self.groups for one in self.exploration.crowd(listing_id)}
        return Found(self.seen, self.groups, frozenset(crowded), self.divided)
