"""The flow without Kafka: the real stages over queues, with crashes, redelivery and races on demand."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson
from fakes.chaos import Chaos, CrashError
from fakes.hash_encoder import HashEncoder
from fakes.image_source import FakeImages
from fakes.joined import with_joint
from fakes.memory_index import MemoryIndex
from fakes.outcome import JUDGEMENTS, LISTINGS

from encoders.joint import JointEncoder
from encoders.loading import derive_nothing
from encoders.types import Content, Embedding, Encoded, Encoder
from streams.events import Judgement, MatchEvent, MatchList, Message
from streams.events.products import ProductEvent
from streams.index.port import View
from streams.matching import Policy, Rules
from streams.stages import Channel, Dependencies, Letter, blend, embed, group, index, judge, match
from streams.stages.contents import PLAIN, Looks
from streams.stages.refetch import refetch

Stage = Callable[[Sequence[Message], Dependencies], Awaitable[None]]

STAGES: Mapping[str, Stage] = {
    LISTINGS: embed,
    Channel.REFETCH: refetch,
    Channel.EMBEDDINGS: index,
    Channel.REBLEND: blend,
    Channel.REMATCH: match,
    JUDGEMENTS: judge,
    Channel.REGROUP: group,
}
REWOUND = 3
"""Messages acknowledged but not committed when a worker dies: at most so many come again."""


@dataclass
class Queue:
    """One partition of one topic, and the one worker that reads it."""

    waiting: deque[Message] = field(default_factory=deque)
    uncommitted: deque[Message] = field(default_factory=lambda: deque(maxlen=REWOUND))
    busy: bool = False

    def finished(self, messages: int) -> None:
        self.uncommitted.extend(self.waiting.popleft() for _ in range(messages))

    def rewind(self, messages: int) -> None:
        for _ in range(min(messages, len(self.uncommitted))):
            self.waiting.appendleft(self.uncommitted.pop())


@dataclass
class Flow:
    """Queues by topic and partition, one worker for each, all at work until everything is drained."""

    policy: Policy
    chaos: Chaos = field(default_factory=lambda: Chaos(random.Random(0)))
    batch_size: int = 4
    encoder: Encoder = field(default_factory=HashEncoder)
    images: FakeImages = field(default_factory=FakeImages)
    search_limit: int = 256
    stages: Mapping[str, Stage] = field(default_factory=lambda: STAGES)
    partitions: int = 2
    joint: JointEncoder | None = None
    looks: Looks = PLAIN

    def __post_init__(self) -> None:
        self.index = MemoryIndex(with_joint(self.encoder.dimensions, self.joint), before=self.chaos.before)
        self.queues = {
            (topic, partition): Queue() for topic in STAGES for partition in range(self._partitions_of(topic))
        }
        self.sent: dict[str, list[Letter]] = defaultdict(list)
        self.crashes = 0
        self.clock = 1_000
        self.dependencies = Dependencies(
            index=self.index,
            outbox=self,
            rules=Rules(self.policy),
            search_limit=self.search_limit,
            encode=self._encode,
            images=self.images,
            image_refetches=1_000,
            derive=self.joint.derive if self.joint else derive_nothing,
            looks=self.looks,
        )

    async def _encode(self, contents: Sequence[Content]) -> list[Encoded]:
        return self.encoder.encode(contents)

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """The outbox: letters arrive one by one; a crash in the middle leaves some of them sent."""
        for letter in letters:
            await self.chaos.before("deliver")
            self.sent[letter.channel].append(letter)
            self.enqueue(Message(letter.channel, letter.key, letter.value, headers=letter.headers))

    def publish(self, key: str, value: Mapping[str, object] | None, **message: object) -> Message:
        """Put one message on `listings`."""
        self.clock += 1
        data = None if value is None else orjson.dumps(value)
        sent = Message(LISTINGS, key.encode(), data, timestamp_ms=self.clock)
        sent = replace(sent, **message)
        self.enqueue(sent)
        return sent

    def judge(self, judgement: Judgement) -> Message:
        """Put a verdict on `judgements`."""
        sent = Message(JUDGEMENTS, judgement.key, judgement.to_bytes())
        self.enqueue(sent)
        return sent

    def enqueue(self, message: Message) -> None:
        """Put a message on its topic; on one that no stage reads it is only remembered as sent."""
        partition = zlib.crc32(message.key or b"") % self._partitions_of(message.topic)
        queue = self.queues.get((message.topic, partition))
        if queue is not None:
            again = self.chaos.random.random() < self.chaos.repeat
            queue.waiting.extend([message] * (1 + again))

    def _partitions_of(self, topic: str) -> int:
        """One worker owns all products."""
        return 1 if topic == Channel.REGROUP else self.partitions

    async def drain(self) -> None:
        """Run every stage until nothing is left to read."""
        workers = [asyncio.create_task(self._work(topic, queue)) for (topic, _), queue in self.queues.items()]
        try:
            await self.chaos.run(until=lambda: self._drained() or any(worker.done() for worker in workers))
        finally:
            for worker in workers:
                worker.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise error

    def _drained(self) -> bool:
        return not any(queue.waiting or queue.busy for queue in self.queues.values())

    async def _work(self, topic: str, queue: Queue) -> None:
        while True:
            await self.chaos.turn(ready=lambda: bool(queue.waiting))
            size = min(len(queue.waiting), self.chaos.random.randint(1, self.batch_size))
            queue.busy = True
            try:
                await self.stages[topic]([queue.waiting[i] for i in range(size)], self.dependencies)
            except CrashError:
                self.crashes += 1
                queue.rewind(self.chaos.random.randint(0, REWOUND))
            else:
                queue.finished(size)
            queue.busy = False

    def told(self) -> dict[str, MatchEvent]:
        """What a subscriber of the compacted `matches` knows; listings that are gone are not in it."""
        state = {letter.key: MatchEvent.from_bytes(letter.key, letter.value) for letter in self.sent[Channel.MATCHES]}
        return {event.listing_id: event for event in state.values() if event.matches is not None}

    def lists(self) -> dict[str, tuple]:
        """The matches a subscriber knows."""
        return {listing_id: event.matches for listing_id, event in self.told().items()}

    def products(self) -> dict[str, ProductEvent]:
        """The products a subscriber of the compacted `products` knows."""
        state = {one.key: ProductEvent.from_bytes(one.key, one.value) for one in self.sent[Channel.PRODUCTS]}
        return {event.product_id: event for event in state.values() if event.members is not None}

    def all_lists(self) -> dict[str, MatchList]:
        """The lists a subscriber knows, with what is for people to look at."""
        return {
            listing_id: MatchList(event.matches, event.review, event.overruled)
            for listing_id, event in self.told().items()
        }

    async def stored_lists(self) -> dict[str, object]:
        """The lists in the index."""
        return {p.listing_id: p.payload["matches"] async for p in self.index.scan() if "matches" in p.payload}

    async def raw(self) -> dict[str, Embedding]:
        """The raw embeddings in the index."""
        return {p.listing_id: p.raw async for p in self.index.scan([View.RAW]) if p.raw}
