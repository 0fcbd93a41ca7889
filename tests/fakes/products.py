"""Match lists written by hand into an index, and the group stage at work on their marks."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from fakes.chaos import Chaos, CrashError
from fakes.memory_index import MemoryIndex, _Stored

from encoders.types import Modality
from streams.events import Judgement, Mark, Match, Message, Position, Standing, Verdict, Version
from streams.events.offers import Offer, in_order
from streams.events.products import ProductEvent
from streams.index.port import Change
from streams.matching import Policy, Rules
from streams.matching.grouping import Group, products
from streams.stages import Dependencies, Letter, state
from streams.stages.group import group

Stage = Callable[[Sequence[Message], Dependencies], Awaitable[None]]

LISTED = Standing(Version(stated=True, number=1), Position(1, 1))
WITHDRAWN = Standing(Version(stated=True, number=2, withdrawn=True), Position(2, 2))
REWOUND = 4
"""Marks acknowledged but not committed when a worker dies: at most so many come again."""


class WatchedIndex(MemoryIndex):
    """Remembers which listings were read."""

    looked_at: frozenset[str] = frozenset()

    async def read(self, listing_ids, views=(), fields=None):
        self.looked_at |= frozenset(listing_ids)
        return await super().read(listing_ids, views, fields)


@dataclass
class Market:
    """Listings whose lists are written by hand, each write followed by its mark, and the worker that owns products.

    Args:
        limit: listings in one product at most.
        chaos: who goes on next, and who dies.
        stage: the group stage, or a broken one.
        batch_size: marks in one batch at most.
    """

    limit: int = 4
    chaos: Chaos = field(default_factory=lambda: Chaos(random.Random(0)))
    stage: Stage = group
    batch_size: int = 4

    def __post_init__(self) -> None:
        self.index = WatchedIndex({Modality.TEXT: 2}, before=self._before)
        self.waiting: deque[Message] = deque()
        self.uncommitted: deque[Message] = deque(maxlen=REWOUND)
        self.sent: list[Letter] = []
        self.lists: dict[str, tuple[Match, ...]] = {}
        self.offers: dict[str, dict[str, object]] = {}
        self.verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
        self.crash_before: str | None = None
        self.steps: list[str] = []
        self.listened = 0
        self.crashes = 0
        self._busy = 0
        rules = Rules(Policy())
        self.dependencies = Dependencies(self.index, self, rules, product_limit=self.limit)

    async def _before(self, step: str, changes: Sequence[Change] = ()) -> None:
        names = [step, *(f"{step} {name}" for change in changes for name in _fields(change, step))]
        self.steps.extend(names)
        if self.crash_before in names:
            self.crash_before = None
            raise CrashError
        await self.chaos.before(step, changes)

    async def dies_before(self, step: str) -> None:
        """Run the stage on what is waiting; it must die before that step. All its marks come again."""
        self.crash_before = step
        with pytest.raises(CrashError):
            await self.settle()

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """The outbox: letters arrive one by one."""
        for letter in letters:
            await self._before("deliver")
            self.sent.append(letter)

    async def put(self, listing_id: str, list_: Sequence[Match] | None, **listing: object) -> None:
        """Write a listing with its list and then mark it; None withdraws it."""
        await self._turn()
        self._known(listing_id, list_, listing)
        payload: dict[str, object] = {state.STANDING: WITHDRAWN.to_json(), state.LISTING: None, state.MATCHES: None}
        if list_ is not None:
            payload = {
                state.STANDING: LISTED.to_json(),
                state.LISTING: {"listing_id": listing_id, **self.offers[listing_id]},
                state.MATCHES: [match.to_json() for match in list_],
            }
        # other stages have crashes of their own; here only the group stage dies
        self.index._stored.setdefault(listing_id, _Stored()).apply(Change(listing_id, payload=payload), "payload")
        await self._turn()
        self.mark(listing_id)

    async def judge(self, one: str, other: str, verdict: Verdict | None) -> None:
        """Write what somebody says of two listings into both and then mark them; None takes it back."""
        judgement = Judgement.on(one, other, verdict)
        for listing_id in judgement.listing_ids:
            await self._turn()
            self.verdicts[listing_id].pop(judgement.other(listing_id), None)
            if verdict is not None:
                self.verdicts[listing_id][judgement.other(listing_id)] = verdict
            change = Change(listing_id, payload=dict([state.judged_field(judgement, listing_id)]))
            self.index._stored.setdefault(listing_id, _Stored()).apply(change, "payload")
        await self._turn()
        for listing_id in judgement.listing_ids:
            self.mark(listing_id, f"judged {verdict}")

    async def _turn(self) -> None:
        if self.chaos._running:
            await self.chaos.turn()

    def _known(self, listing_id: str, list_: Sequence[Match] | None, listing: Mapping[str, object]) -> None:
        if list_ is None:
            self.lists.pop(listing_id, None)
            self.offers.pop(listing_id, None)
        else:
            self.lists[listing_id] = tuple(list_)
            self.offers[listing_id] = {"title": listing_id, **self.offers.get(listing_id, {}), **listing}

    def mark(self, listing_id: str, cause: str = "") -> None:
        """Put a mark on `regroup`."""
        mark = Mark(listing_id, cause or f"listing {listing_id} published")
        again = self.chaos.random.random() < self.chaos.repeat
        self.waiting.extend([Message("regroup", listing_id.encode(), mark.to_bytes())] * (1 + again))

    async def fill(self, lists: Mapping[str, Sequence[Match] | None]) -> None:
        """Write lists and let the stage come to its end, without anything going wrong."""
        for listing_id, list_ in lists.items():
            await self.put(listing_id, list_)
        await self.settle()

    async def settle(self) -> None:
        """Run the stage on what is waiting, in one batch; it comes again whole if the stage dies."""
        batch = list(self.waiting)
        if batch:
            await self.stage(batch, self.dependencies)
            self.waiting.clear()

    async def run(self, *writers: Callable[[], Awaitable[None]]) -> None:
        """Let writers and the worker at each other until nothing is left to do."""
        tasks = [asyncio.create_task(self._work()), *(asyncio.create_task(self._writing(one)) for one in writers)]
        self._busy = len(writers)
        try:
            await self.chaos.run(until=lambda: self._drained() or any(one.done() and one.exception() for one in tasks))
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _drained(self) -> bool:
        return not self.waiting and not self._busy

    async def _writing(self, writer: Callable[[], Awaitable[None]]) -> None:
        await writer()
        self._busy -= 1

    async def _work(self) -> None:
        while True:
            await self.chaos.turn(ready=lambda: bool(self.waiting))
            size = min(len(self.waiting), self.chaos.random.randint(1, self.batch_size))
            self._busy += 1
            try:
                await self.stage([self.waiting[i] for i in range(size)], self.dependencies)
            except CrashError:
                self.crashes += 1
                for _ in range(self.chaos.random.randint(0, len(self.uncommitted))):
                    self.waiting.appendleft(self.uncommitted.pop())
            else:
                self.uncommitted.extend(self.waiting.popleft() for _ in range(size))
            self._busy -= 1

    def listen(self) -> None:
        """From here on only is what `news` tells."""
        self.listened = len(self.sent)

    def news(self) -> list[ProductEvent]:
        """What subscribers were told since, in order."""
        return _events(self.sent[self.listened :])

    def members(self) -> dict[str, str | None]:
        """The same in short: the members of each product, of listings with one letter; None for one that is gone."""
        return {event.product_id: event.members and "".join(event.members) for event in self.news()}

    def told(self) -> dict[str, ProductEvent]:
        """What a subscriber of the compacted `products` knows; products that are gone are not in it."""
        return {one.product_id: one for one in {e.product_id: e for e in _events(self.sent)}.values() if one.members}

    async def payloads(self) -> dict[str, dict]:
        """What is stored, by listing."""
        return {point.listing_id: dict(point.payload) async for point in self.index.scan()}

    def reference(self) -> dict[str, tuple[Group, tuple[Offer, ...]]]:
        """What each product has to be."""
        groups = products(self.lists, self.limit, self.verdicts)
        offers = {one: Offer.of(one, listing) for one, listing in self.offers.items()}
        return {p: (found, in_order(offers[one] for one in found.members)) for p, found in groups.items()}

    async def disagreement(self) -> str:
        """In what told, stored and reference differ; empty where they do not."""
        wanted, stored = self.reference(), await self.payloads()
        told = {p: (Group(e.members, e.oversized), e.offers) for p, e in self.told().items()}
        homes = {one: p for p, (found, _) in wanted.items() for one in found.members}
        differing = {
            "told": told != wanted,
            "stored": _live(stored) != self.told(),
            "product ids": homes != {i: one[state.PRODUCT_ID] for i, one in stored.items() if state.PRODUCT_ID in one},
            "a record is left": any(state.REGROUPING in one for one in stored.values()),
            "revisions": _went_back(self.sent),
        }
        return ", ".join(name for name, differs in differing.items() if differs)


def _events(letters: Sequence[Letter]) -> list[ProductEvent]:
    return [ProductEvent.from_bytes(letter.key, letter.value) for letter in letters]


def _fields(change: Change, step: str) -> list[str]:
    return list(getattr(change, step)) if step in {"record", "payload", "forget"} else []


def _live(stored: Mapping[str, Mapping]) -> dict[str, ProductEvent]:
    events = (ProductEvent.from_json(one[state.PRODUCT]) for one in stored.values() if state.PRODUCT in one)
    return {event.product_id: event for event in events if event.members is not None}


def _went_back(sent: Sequence[Letter]) -> bool:
    """Whether a product's revision ever fell, or one revision said two different things."""
    by_product: dict[bytes, list[Letter]] = defaultdict(list)
    for letter in sent:
        if letter.value is not None:
            by_product[letter.key].append(letter)
    for letters in by_product.values():
        revisions = [ProductEvent.from_bytes(one.key, one.value).revision for one in letters]
        if revisions != sorted(revisions) or len({one.value for one in letters}) != len(set(revisions)):
            return True
    return False
