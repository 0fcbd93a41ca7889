"""Two generations of one market that take turns at telling subscribers, and followers of what is told."""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fakes.chaos import CrashError
from fakes.match_graphs import matches
from fakes.products import Market

from streams.events import Message, Verdict
from streams.events.products import ProductEvent
from streams.stages import Audience, Channel, Letter, state
from streams.stages.follow_products import follow_products
from streams.stages.group_fields import own_product
from streams.stages.takeover_products import product_differs

PARTITIONS = 3


class PublicTopic:
    """What subscribers are told, in several partitions."""

    def __init__(self) -> None:
        self.partitions: list[list[Message]] = [[] for _ in range(PARTITIONS)]

    def append(self, letter: Letter) -> None:
        message = Message("products", letter.key, letter.value, headers=letter.headers)
        self.partitions[zlib.crc32(letter.key or b"") % PARTITIONS].append(message)

    def __len__(self) -> int:
        return sum(map(len, self.partitions))

    def events(self) -> dict[str, list[ProductEvent]]:
        """All that was told of each product, in order."""
        told: dict[str, list[ProductEvent]] = defaultdict(list)
        for message in (one for partition in self.partitions for one in partition):
            told[message.key.decode()].append(ProductEvent.from_bytes(message.key, message.value, message.headers))
        return told

    def last(self) -> dict[str, ProductEvent]:
        """What a subscriber of the compacted topic knows, tombstones included."""
        return {product_id: events[-1] for product_id, events in self.events().items()}


class Rival(Market):
    """The products of one generation: told publicly while it is live."""

    def __init__(self, name: str, public: PublicTopic, rng: random.Random, limit: int = 4) -> None:
        super().__init__(limit)
        self.name, self.public, self.random, self.crash = name, public, rng, 0.0
        self.audience = Audience.SHADOW
        self.read = [0] * PARTITIONS
        self.dependencies = replace(self.dependencies, generation=name, audience=lambda: self.audience)

    async def _before(self, step, changes=()):
        await super()._before(step, changes)
        if step != "scan" and self.random.random() < self.crash:
            raise CrashError

    async def deliver(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            await self._before("deliver")
            assert letter.channel is self.audience.products, letter.channel
            self.sent.append(letter)
            if letter.channel is Channel.PRODUCTS:
                self.public.append(letter)

    async def attempt(self) -> bool:
        """Let the group stage work on some of what waits; whether it got through."""
        batch = [self.waiting[i] for i in range(min(len(self.waiting), self.random.randint(1, 4)))]
        try:
            await self.stage(batch, self.dependencies)
        except CrashError:
            return False
        for _ in batch:
            self.waiting.popleft()
        return True

    async def drain(self) -> None:
        while self.waiting:
            await self.attempt()

    async def follow(self, most: int | None = None) -> None:
        """Read on in the public topic, batch by batch, a random partition at a time; some of it more than once."""
        rounds = 0
        while self.read != [len(some) for some in self.public.partitions] and (most is None or rounds < most):
            rounds += 1
            number = self.random.randrange(PARTITIONS)
            start, some = self.read[number], self.public.partitions[number]
            batch = some[start : start + self.random.randint(1, 4)]
            try:
                await follow_products(batch, self.dependencies)
            except CrashError:
                self.read[number] = max(0, start - self.random.randint(0, 3))
            else:
                self.read[number] = start + len(batch)

    async def take_over(self) -> None:
        """Mark what subscribers know otherwise."""
        for listing_id, payload in (await self.payloads()).items():
            if product_differs(payload, self.name):
                self.mark(listing_id, f"generation {self.name}")

    async def scribble(self, changes: int, listings: int, judged: float = 0.0) -> None:
        """Rewrite lists at random; of these changes so many are judgements."""
        names = [f"l{i}" for i in range(listings)]
        for _ in range(changes):
            one, other = self.random.sample(names, 2)
            if judged and self.random.random() < judged:
                await self.judge(one, other, self.random.choice([Verdict.DIFFERENT, Verdict.SAME, None]))
                continue
            links = {match.listing_id: match.strong for match in self.lists.get(one, ())}
            links.pop(other, None) if other in links else links.update({other: self.random.random() < 0.6})
            gone = self.random.random() < 0.25
            price = {"price": str(self.random.randint(1, 3)), "currency": "EUR"}
            await self.put(one, None if gone else matches(links), **({} if gone else price))

    async def own(self) -> dict[str, ProductEvent]:
        """The products that it holds for right, whoever heard of them."""
        found = {one: own_product(payload, self.name) for one, payload in (await self.payloads()).items()}
        return {one: event for one, event in found.items() if event is not None and event.members is not None}


async def homes_on_record(rival: Rival) -> dict[str, str]:
    """Where its points say that listings are, for subscribers."""
    return {i: one[state.PRODUCT_ID] for i, one in (await rival.payloads()).items() if state.PRODUCT_ID in one}


def homes_of(events: Mapping[str, ProductEvent]) -> dict[str, str]:
    """The product of each listing, by the products' events."""
    return {member: product_id for product_id, event in events.items() for member in event.members or ()}


def contents(events: Mapping[str, ProductEvent]) -> dict[str, tuple]:
    """What products are, without who told it when."""
    return {i: (one.members, one.oversized, one.offers) for i, one in events.items() if one.members is not None}


def wanted(rival: Rival) -> dict[str, tuple]:
    """What its products have to be."""
    return {i: (group.members, group.oversized, offers) for i, (group, offers) in rival.reference().items()}


def went_back(public: PublicTopic) -> list[str]:
    """Products whose revision ever fell, or of which one revision said two things."""
    wrong = []
    for product_id, events in public.events().items():
        revisions = [event.revision for event in events]
        said = {(event.revision, event.generation, event.members, event.offers) for event in events}
        if revisions != sorted(revisions) or len(said) != len(set(revisions)):
            wrong.append(product_id)
    return wrong
