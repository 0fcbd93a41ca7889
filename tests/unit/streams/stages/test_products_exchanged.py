"""Generations that take turns at being live: subscribers end with the products of the one that is, told once each.

The lists of both are rewritten at random all the time, workers die, followers lag and read again.
"""

import random

import pytest
from fakes.exchange import PublicTopic, Rival, contents, homes_of, homes_on_record, wanted, went_back

from streams.events.products import ProductEvent
from streams.stages import Audience, state

LISTINGS = 7
SEEDS = (*range(40), 1431, 1477)
"""In the last ones, a product that only the new generation knew loses a member before it was told."""
DOUBTFUL = {
    "where the other one says listings are",
    "what the other one says subscribers know",
    "partitions that are read",
}


class Exchange:
    """Two generations, one of them live.

    Args:
        seed: tells everything that happens.
        crash: chance that a step is the last one of its attempt.
        judged: share of the changes that are judgements; each generation has its own here.
    """

    def __init__(self, seed, crash=0.0, judged=0.0):
        self.random = random.Random(seed)
        self.public = PublicTopic()
        self.crash, self.judged = crash, judged
        limit = self.random.choice([2, 3, 6])
        self.live, self.other = (Rival(name, self.public, self.random, limit) for name in ("g1", "g2"))
        self.live.audience = Audience.PUBLIC

    async def busy(self):
        """Some time in which both work, not all of it finished."""
        for rival in (self.live, self.other):
            rival.crash = self.crash
            await rival.scribble(self.random.randint(0, 4), LISTINGS, self.judged)
            for _ in range(self.random.randint(0, 4)):
                if rival.waiting:
                    await rival.attempt()
        await self.other.follow(self.random.randint(0, 5))

    async def exchange(self):
        """The other one becomes live."""
        before, after = self.live, self.other
        before.audience = Audience.SHADOW
        workers_are_gone = self.random.random() < 0.3
        if not workers_are_gone:
            await before.drain()
        await after.follow()
        if self.random.random() < 0.5:
            await after.drain()
        after.audience = Audience.PUBLIC
        self.live, self.other = after, before
        await self.busy()
        await after.take_over()

    async def quiet(self):
        for rival in (self.live, self.other):
            await rival.drain()
            rival.crash = 0.0
        await self.other.follow()

    async def wrong(self):
        """What is not as it has to be, once all is quiet."""
        known, own = self.public.last(), [contents(await one.own()) for one in (self.live, self.other)]
        stored = [await one.payloads() for one in (self.live, self.other)]
        on_record = [{i: one[state.PRODUCT] for i, one in some.items() if state.PRODUCT in one} for some in stored]
        events = [{i: ProductEvent.from_json(one) for i, one in some.items()} for some in on_record]
        wrong = {
            "what subscribers know": contents(known) != wanted(self.live),
            "revisions": bool(went_back(self.public)),
            "what the live one holds for right": own[0] != wanted(self.live),
            "what the other one holds for right": own[1] != wanted(self.other),
            "where the live one says listings are": await homes_on_record(self.live) != homes_of(known),
            "where the other one says listings are": await homes_on_record(self.other) != homes_of(known),
            "what the live one says subscribers know": contents(events[0]) != contents(known),
            "what the other one says subscribers know": contents(events[1]) != contents(known),
            "a record of the live one": any(state.REGROUPING in one for one in stored[0].values()),
            "a record of the other one": any(state.SHADOW_REGROUPING in one for one in stored[1].values()),
            "partitions that are read": any(state.FURTHER_PRODUCTS in one for one in stored[1].values()),
        }
        if any(
            state.REGROUPING in one for one in stored[1].values()
        ):  # it died before subscribers knew, and is not asked
            wrong = {name: differs for name, differs in wrong.items() if name not in DOUBTFUL}
        return [name for name, differs in wrong.items() if differs]


async def ends_wrong(seed, crash, judged, exchanges=4):
    run = Exchange(seed, crash, judged)
    for number in range(exchanges):
        await run.busy()
        if run.random.random() < 0.5:
            await run.quiet()
            if wrong := await run.wrong():
                return f"before exchange {number}", wrong
        await run.exchange()
        await run.quiet()
        if wrong := await run.wrong():
            return f"after exchange {number}", wrong
    return None


async def wrong_ends(seeds, crash, judged):
    return {seed: wrong for seed in seeds if (wrong := await ends_wrong(seed, crash, judged))}


@pytest.mark.parametrize(
    ("crash", "judged"), [(0.0, 0.0), (0.02, 0.0), (0.02, 0.3)], ids=["quiet", "crashing", "judged, crashing"]
)
async def test_subscribers_end_with_what_the_live_generation_says(crash, judged):
    assert await wrong_ends(SEEDS, crash, judged) == {}


async def test_nothing_is_told_again_where_both_see_the_same():
    run = Exchange(0)
    for rival in (run.live, run.other):
        rival.random = random.Random(7)
        await rival.scribble(12, LISTINGS)
    await run.quiet()
    assert contents(run.public.last()) == wanted(run.other)
    told = len(run.public)
    for _ in range(3):
        run.live.audience, run.other.audience = Audience.SHADOW, Audience.PUBLIC
        run.live, run.other = run.other, run.live
        await run.live.take_over()
        await run.quiet()
    assert len(run.public) == told
    assert await run.wrong() == []
