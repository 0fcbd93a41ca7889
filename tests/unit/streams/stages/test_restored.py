"""An index that went back to an earlier copy becomes what it was, once the stages have read their topics again."""

import random
from dataclasses import dataclass, field

import pytest
from fakes.bursts import PARTITIONS, SHOP, SHOP_WITH_WORDS, Space, agrees, random_event
from fakes.chaos import Chaos
from fakes.flow import JUDGEMENTS, STAGES, Flow
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import Message
from streams.stages import Channel

READ_BY_THE_INDEX = (Channel.EMBEDDINGS, JUDGEMENTS)
ALL = (*READ_BY_THE_INDEX, Channel.REBLEND, Channel.REMATCH, Channel.REGROUP)
SEEDS = range(12)


@dataclass
class Shop:
    """A flow whose index is copied before one of its batches, while other stages are in the middle of theirs."""

    seed: int
    space: Space = SHOP
    crash: float = 0.0
    sent: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.copy_before, self.batches, self.is_copied = self.rng.randint(5, 200), 0, False
        stages = {topic: self._copying(stage) for topic, stage in STAGES.items()}
        chaos = Chaos(self.rng, self.crash, 0.03, 0.1, 100)
        self.flow = Flow(
            self.space.policy, chaos, 8, encoder=self.space.encoder(), stages=stages, partitions=PARTITIONS
        )

    def _copying(self, stage):
        async def run(messages, dependencies):
            self.batches += 1
            if self.batches >= self.copy_before and not self.is_copied:
                await self.flow.index.backup("copy")
                self.is_copied = True
            await stage(messages, dependencies)

        return run

    async def live(self) -> None:
        """Some bursts of events; the copy is made during one of them."""
        bursts = 0
        while bursts < 5 or not self.is_copied:
            for _ in range(self.rng.randint(2, 5) if bursts else self.space.listings):
                self.sent.append(random_event(self.flow, self.space, self.sent))
            await self.flow.drain()
            bursts += 1
        assert await agrees(self.flow, self.sent)

    async def go_back(self, *topics: str) -> bool:
        """Restore the copy, have these topics read from their beginning, and say whether all is as it should be."""
        self.flow.index.restore("copy")
        for topic in topics:
            for message in self._kept(topic):
                self.flow.enqueue(message)
        await self.flow.drain()
        return await agrees(self.flow, self.sent)

    def _kept(self, topic: str) -> list[Message]:
        """What Kafka has: all marks, and of compacted topics the last message of each key, in their order."""
        if topic == JUDGEMENTS:
            messages = [one for one in self.sent if one.topic == JUDGEMENTS]
        else:
            letters = self.flow.sent[topic]
            messages = [Message(one.channel, one.key, one.value, headers=one.headers) for one in letters]
        if topic not in READ_BY_THE_INDEX:
            return messages
        last = {one.key: place for place, one in enumerate(messages)}
        return [messages[place] for place in sorted(last.values())]


@pytest.mark.parametrize(("space", "crash"), [(SHOP, 0.0), (SHOP, 0.004), (SHOP_WITH_WORDS, 0.004)])
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_after_all_topics_were_read_again_all_is_what_the_reference_says(space, crash, seed):
    shop = Shop(seed, space, crash)
    await shop.live()
    assert await shop.go_back(*ALL)


async def test_what_was_marked_when_the_copy_was_made_is_lost_if_marks_are_not_read_again():
    assert not all([await ends_well(seed, *READ_BY_THE_INDEX) for seed in SEEDS])


async def test_a_copy_alone_is_old():
    ended_well = [await ends_well(seed) for seed in SEEDS]
    assert sum(ended_well) * 3 < len(SEEDS)  # a copy that happens to be made last is as good as new


async def ends_well(seed: int, *topics: str) -> bool:
    shop = Shop(seed)
    await shop.live()
    return await shop.go_back(*topics)
