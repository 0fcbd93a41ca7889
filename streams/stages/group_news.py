"""What follows from a search for products: what to write, whom to tell of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from streams.events.offers import in_order
from streams.events.products import ProductEvent
from streams.index.port import Change
from streams.matching.grouping import Group
from streams.stages import state
from streams.stages.dependencies import Audience, Letter
from streams.stages.group_fields import LEFT_BY_MEMBERS, LEFT_BY_PRODUCTS, ProductFields
from streams.stages.group_memory import Memory
from streams.stages.group_search import Found, Seen


@dataclass(frozen=True)
class News:
    """The difference between the products that were found and those on record.

    Args:
        found: of a search.
        causes: the marked listings, each with its cause.
        generation: named in events.
        audience: whom it tells.
        unheard: the revision before the first one of a product that they have not heard of.
    """

    found: Found
    causes: Mapping[str, str]
    generation: str
    audience: Audience = Audience.PUBLIC
    unheard: int = 0

    @cached_property
    def changed(self) -> Mapping[str, ProductEvent]:
        """The next event of each product that is not as it was last told, by product id."""
        return {product_id: event for product_id in sorted(self.found.groups) for event in self._next(product_id)}

    @cached_property
    def moving(self) -> Mapping[str, str | None]:
        """The new product of each listing that changes it; None for one that has none any more."""
        seen = self.found.seen
        return {one: new for one, new in self._homes.items() if seen[one].product_id != new}

    def record(self) -> list[Change]:
        """What must be there before anything changes, the record of what is about to change first."""
        return [*self._regrouping(), *self._memory.before()]

    def products(self) -> list[Change]:
        """The events that are going to be told, on the points with the products' ids."""
        return [*(self._going_to_be_told(event) for event in self.changed.values()), *self._settling()]

    def letters(self) -> list[Letter]:
        """What to tell: what changed, and what an attempt that was cut off may not have told; tombstones last."""
        events = {**self._untold, **self.changed}
        ordered = sorted(events.values(), key=lambda event: (event.members is None, event.product_id))
        channel = self.audience.products
        return [Letter(channel, one.product_id.encode(), one.to_bytes(), one.headers()) for one in ordered]

    def moves(self) -> list[Change]:
        """The listings' product ids, and what is remembered of them from now on."""
        fields: dict[str, dict[str, object]] = {}
        for one, product_id in self.moving.items():
            fields.setdefault(one, {})[self._fields.product_id] = product_id
        for one, name, left in self._memory.after():
            fields.setdefault(one, {})[name] = left or None
        for one in self.found.groups:
            if over := LEFT_BY_MEMBERS.intersection(self.found.seen[one].left_over):
                fields.setdefault(one, {}).update(dict.fromkeys(sorted(over)))
        return [_setting(one, some) for one, some in fields.items()]

    def clearing(self) -> list[Change]:
        """The record goes last."""
        recorded = {one for one in self._marked if self.found.seen[one].regrouping is not None}
        recorded.update(change.listing_id for change in self._regrouping())
        return [Change(one, forget=(self._fields.regrouping,)) for one in sorted(recorded)]

    @property
    def _fields(self) -> ProductFields:
        return ProductFields(self.audience, self.generation)

    @property
    def _marked(self) -> Iterator[str]:
        return (one for one in self.causes if one in self.found.seen)

    @cached_property
    def _homes(self) -> Mapping[str, str | None]:
        """The product each listing is in now."""
        return {one: None if group is None else group.product_id for one, group in self.found.groups.items()}

    @cached_property
    def _heirs(self) -> Mapping[str, frozenset[str]]:
        """By product on record, where its members are now; those that are gone are nowhere."""
        heirs: dict[str, set[str]] = {}
        for one, home in self._homes.items():
            before = self.found.seen[one].came_from
            if before is not None and home is not None:
                heirs.setdefault(before, set()).add(home)
        return {before: frozenset(homes) for before, homes in heirs.items()}

    @property
    def _untold(self) -> Mapping[str, ProductEvent]:
        """Events on record that an earlier attempt may not have told; another generation has told its own."""
        unfinished = {one for marked in self._marked for one in self.found.seen[marked].regrouping or ()}
        told = {one: self.found.seen[one].told for one in sorted(unfinished)}
        return {one: event for one, event in told.items() if event is not None and event.generation == self.generation}

    def _next(self, product_id: str) -> Iterator[ProductEvent]:
        """The event that a product needs, if any."""
        told, group = self.found.seen[product_id].told, self.found.groups[product_id]
        if group is None or group.product_id != product_id:
            if told is not None and told.members is not None:
                yield self._event(product_id, told, None)
            return
        event = self._event(product_id, told, group)
        if told is None or not event.says_the_same(told):
            yield event

    def _event(self, product_id: str, told: ProductEvent | None, group: Group | None) -> ProductEvent:
        members = () if group is None else group.members
        before = () if told is None else told.members or ()
        sources = self._sources(members) - {product_id}
        merged = {one for one in sources if self._heirs[one] == {product_id}}
        return ProductEvent(
            product_id=product_id,
            revision=(self.unheard if told is None else told.revision) + 1,
            generation=self.generation,
            cause=self._cause((*members, *before)),
            members=None if group is None else members,
            offers=in_order(self.found.seen[one].offer for one in members),
            oversized=group is not None and group.oversized,
            merged_from=tuple(sorted(merged)),
            split_from=tuple(sorted(sources - merged)),
            split_into=tuple(sorted(self._heirs.get(product_id, frozenset()) - {product_id})),
        )

    def _sources(self, members: Iterable[str]) -> set[str]:
        """The products on record that listings are in."""
        return {before for one in members if (before := self.found.seen[one].came_from) is not None}

    def _cause(self, touched: Iterable[str]) -> str:
        """That of a listing which is or was in the product; of any mark where only others brought it about."""
        near = frozenset(touched)
        return next((cause for one, cause in self.causes.items() if one in near), next(iter(self.causes.values())))

    def _going_to_be_told(self, event: ProductEvent) -> Change:
        left = LEFT_BY_PRODUCTS.intersection(self.found.seen[event.product_id].left_over)
        return Change(event.product_id, payload={self._fields.product: event.to_json()}, forget=tuple(sorted(left)))

    def _settling(self) -> Iterator[Change]:
        """What this generation said while it was not live must not come back when it is not live again.

        Where subscribers know a product as it is now from another generation, that counts as said by this one.
        """
        for one in self.found.groups if self.audience is Audience.PUBLIC else ():
            if one not in self.changed:
                yield from self._settled(one, self.found.seen[one])

    def _settled(self, product_id: str, seen: Seen) -> Iterator[Change]:
        told, left = seen.told, LEFT_BY_PRODUCTS.intersection(seen.left_over)
        if told is not None and told.generation != self.generation:
            if not ProductEvent.alike(seen.aside, told):
                yield Change(product_id, payload={state.SHADOW_PRODUCT: told.to_json()})
        elif left:
            yield Change(product_id, forget=tuple(sorted(left)))

    def _regrouping(self) -> list[Change]:
        """All that is about to change, on one of the marked points: all marks of a batch that is cut off come again."""
        changing = {*self.changed, *self.moving}
        keeper = next((one for one in self._marked if self.found.seen[one].exists), None)
        if keeper is None or not changing:
            return []
        earlier = self.found.seen[keeper].regrouping or ()
        return [Change(keeper, record={self._fields.regrouping: sorted(changing.union(earlier))})]

    @property
    def _memory(self) -> Memory:
        return Memory(self.found, tuple(self._marked))


def _setting(listing_id: str, fields: Mapping[str, object]) -> Change:
    """None removes a field."""
    payload = {name: value for name, value in fields.items() if value is not None}
    return Change(listing_id, payload=payload, forget=tuple(name for name in fields if name not in payload))
