"""Following the topic `products` while another generation is live: what subscribers know of each product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from streams.events import Message
from streams.events.products import ProductEvent
from streams.index.port import Change, Payload, Point
from streams.stages import state
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Dependencies
from streams.stages.group_fields import known_product


async def follow_products(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Write what the live generation tells of products into this one's points, so that it can go on from there one day.

    What this generation told itself, while it was live, the group stage wrote. Neither product nor listings
    need be there yet. The listings are written before the product: its revision says that an event is done
    with, so an attempt that was cut off in between is made again, and ends the same.
    """
    events, dead = read_or_lay_aside(messages, lambda one: ProductEvent.from_bytes(one.key, one.value, one.headers))
    told = _by_product(events, dependencies.generation)
    products = await dependencies.index.read(told)
    news = list(_news(told, products, dependencies.generation))
    members = _members(news)
    listings = await dependencies.index.read(members)
    moves = (one.change(listings[i].payload if i in listings else {}) for i, one in members.items())
    await dependencies.index.write([move for move in moves if move is not None])
    await dependencies.index.write([one.change() for one in news])
    await dependencies.outbox.deliver(dead)


@dataclass(frozen=True, slots=True)
class _News:
    """An event that is newer than what is stored.

    Args:
        stored: what subscribers knew of the product before.
        overtaken: events between the two; an attempt that was cut off may have written their members.
        own: whether this generation told what is stored.
    """

    event: ProductEvent
    stored: ProductEvent | None
    overtaken: Sequence[ProductEvent]
    own: bool

    def change(self) -> Change:
        kept = {state.KEPT_PRODUCT: self.stored.to_json()} if self.own and self.stored is not None else {}
        return Change(self.event.product_id, record=kept, payload={state.PRODUCT: self.event.to_json()})

    @property
    def had(self) -> frozenset[str]:
        """Who may be on record as its member."""
        before = [*self.overtaken, *([] if self.stored is None else [self.stored])]
        return frozenset(one for event in before for one in event.members or ())


@dataclass(slots=True)
class _Member:
    """What news say of one listing: products that have it, products that have it no more, the one it was in here."""

    listing_id: str
    gained_by: set[str] = field(default_factory=set)
    lost_by: set[str] = field(default_factory=set)
    kept: str | None = None

    def change(self, payload: Payload) -> Change | None:
        """One partition may be read before another: until then several products can have a listing.

        Which one it will be in the end only the further events tell, so all are remembered. Two workers that
        read two partitions may miss each other's word here. That mends itself: once this generation is live,
        it looks at each listing that it sees elsewhere than is written here.
        """
        first = payload.get(state.PRODUCT_ID)
        before = [*([] if first is None else [first]), *(payload.get(state.FURTHER_PRODUCTS) or ())]
        left = [one for one in before if one not in self.lost_by]
        now = [*left, *sorted(self.gained_by.difference(left))]
        fields = {
            state.PRODUCT_ID: now[0] if now else None,
            state.FURTHER_PRODUCTS: now[1:] or None,
            state.KEPT_PRODUCT_ID: self.kept or payload.get(state.KEPT_PRODUCT_ID),
        }
        changed = {name: value for name, value in fields.items() if payload.get(name) != value}
        written = {name: value for name, value in changed.items() if value is not None}
        gone = tuple(name for name in changed if name not in written)
        return Change(self.listing_id, payload=written, forget=gone) if changed else None


def _by_product(events: Iterable[ProductEvent], generation: str) -> Mapping[str, list[ProductEvent]]:
    """What other generations told of each product, in order."""
    told: dict[str, list[ProductEvent]] = {}
    for event in events:
        if event.generation != generation:
            before = told.setdefault(event.product_id, [])
            before.append(_after(before[-1], event) if before and not event.revision else event)
    return told


def _after(before: ProductEvent, tombstone: ProductEvent) -> ProductEvent:
    """A tombstone that does not say its revision, as those of earlier versions: it comes next."""
    return replace(tombstone, revision=before.revision + (before.members is not None))


def _news(told: Mapping[str, Sequence[ProductEvent]], points: Mapping[str, Point], generation: str) -> Iterator[_News]:
    for product_id, (*overtaken, event) in told.items():
        stored = known_product(points[product_id].payload) if product_id in points else None
        if _is_news(event, stored):
            following = event if event.revision or stored is None else _after(stored, event)
            yield _News(following, stored, overtaken, stored is not None and stored.generation == generation)


def _is_news(event: ProductEvent, stored: ProductEvent | None) -> bool:
    """Whether an event says more than what is stored; it may come again after a later one.

    Two generations tell no revision twice: one that is stored as this generation's, and that another one told,
    was written here and never told.
    """
    if stored is None:
        return event.revision > 0
    if not event.revision:
        return stored.members is not None
    if event.revision > stored.revision or not stored.generation:
        return True
    return event.revision == stored.revision and event.generation != stored.generation


def _members(news: Iterable[_News]) -> Mapping[str, _Member]:
    members: dict[str, _Member] = {}

    def of(listing_id: str) -> _Member:
        return members.setdefault(listing_id, _Member(listing_id))

    for one in news:
        product_id, now = one.event.product_id, one.event.members or ()
        for listing_id in now:
            of(listing_id).gained_by.add(product_id)
        for listing_id in sorted(one.had.difference(now)):
            of(listing_id).lost_by.add(product_id)
        for listing_id in (one.stored.members or ()) if one.own and one.stored is not None else ():
            of(listing_id).kept = product_id
    return members
