"""Bursts of rewritten match lists into settled products, and the group stage with one step broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from fakes.chaos import Chaos
from fakes.match_graphs import matches
from fakes.products import Market, Stage

from streams.events import Verdict
from streams.matching.grouping import BareLink
from streams.stages.group import group
from streams.stages.group_news import News
from streams.stages.group_search import search
from streams.stages.marks import causes_of

LIMITS = (1, 2, 3, 4, 6)


@dataclass(frozen=True)
class Run:
    """One random run; the seed and this tell everything that happens in it.

    Args:
        listings: how many there are.
        bursts: how often products are compared with the reference.
        crash: chance that a step of the stage is its last.
        limits: one of them is the size of a product at most.
        judged: share of the events that are judgements.
    """

    listings: int = 9
    bursts: int = 8
    crash: float = 0.0
    limits: tuple[int, ...] = LIMITS
    judged: float = 0.2

    async def ends_wrong(self, seed: int, stage: Stage = group) -> str:
        """In what products differ from the reference after any of the bursts; empty if in nothing."""
        rng = random.Random(seed)
        chaos = Chaos(rng, self.crash, repeat=0.1, pause=0.1, longest=40)
        market = Market(rng.choice(self.limits), chaos, stage, batch_size=rng.choice([1, 3, 8]))
        for burst in range(self.bursts):
            most = 4 if burst else self.listings
            await market.run(*[Writer(market, self.listings, rng.randint(1, most), self.judged) for _ in range(2)])
            if differs := await market.disagreement():
                return f"burst {burst}: {differs}"
        return ""


@dataclass
class Writer:
    """Rewrites lists at random: links of both sides or of one, new prices, withdrawals, the same once more; and judges.

    A judgement does not change the lists: so what others link is what it comes to.
    """

    market: Market
    listings: int
    events: int
    judged: float

    async def __call__(self) -> None:
        rng = self.market.chaos.random
        for _ in range(self.events):
            if rng.random() < self.judged:
                said = rng.choice([Verdict.DIFFERENT, Verdict.DIFFERENT, Verdict.SAME, Verdict.UNSURE, None])
                await self.market.judge(*self._two(), said)
                continue
            for listing_id, links in self._event():
                await self.market.put(listing_id, None if links is None else matches(links), **self._price())

    def _two(self) -> list[str]:
        return self.market.chaos.random.sample([f"l{i}" for i in range(self.listings)], 2)

    def _event(self) -> Iterator[tuple[str, dict[str, BareLink] | None]]:
        rng = self.market.chaos.random
        one, other = self._two()
        own, others, kind = self._links(one), self._links(other), rng.random()
        if kind < 0.2:
            yield one, None if kind < 0.1 else own
            return
        link, apart = BareLink(rng.random() < 0.5, rng.randint(5, 9) / 10), other in own and rng.random() < 0.8
        yield one, _toggled(own, other, link, apart=apart)
        if kind > 0.45:
            yield other, _toggled(others, one, link, apart=apart)

    def _links(self, listing_id: str) -> dict[str, BareLink]:
        known = self.market.lists.get(listing_id, ())
        return {match.listing_id: BareLink(match.strong, match.similarity) for match in known}

    def _price(self) -> dict[str, str]:
        rng = self.market.chaos.random
        return {"price": str(rng.randint(1, 3)), "currency": rng.choice(["EUR", "USD"])} if rng.random() < 0.5 else {}


def _toggled(links: dict[str, BareLink], other: str, link: BareLink, *, apart: bool) -> dict[str, BareLink]:
    rest = {one: known for one, known in links.items() if one != other}
    return rest if apart else {**rest, other: link}


def with_steps(*names: str) -> Stage:
    """The group stage with these steps in this order."""

    async def stage(messages, dependencies):
        causes = causes_of(messages)
        found = await search(causes, dependencies.index, dependencies.product_limit)
        news = News(found, causes, dependencies.generation)
        steps = {
            "record": lambda: dependencies.index.write(news.record()),
            "products": lambda: dependencies.index.write(news.products()),
            "tell": lambda: dependencies.outbox.deliver(news.letters()),
            "move": lambda: dependencies.index.write(news.moves()),
            "clear": lambda: dependencies.index.write(news.clearing()),
        }
        for name in names:
            await steps[name]()

    return stage
