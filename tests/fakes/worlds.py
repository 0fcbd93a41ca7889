"""Two generations side by side without Kafka: one log of what subscribers hear, and who is live changes meanwhile."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fakes.bookmark import Bookmark
from fakes.bursts import PARTITIONS, Space, random_event
from fakes.chaos import Chaos, CrashError
from fakes.flow import REWOUND, Flow, Queue

from streams.events import Message
from streams.events.generations import Live, Roster, Step
from streams.stages import Audience, Channel
from streams.stages.barriers import BARRIER, Attentive
from streams.stages.follow_matches import follow_matches
from streams.stages.follow_products import follow_products
from streams.stages.takeover import Takeover, is_through

FOLLOWED = {Channel.MATCHES: follow_matches, Channel.PRODUCTS: follow_products}
TELLING = (Channel.REMATCH, Channel.REGROUP)
LEARNS = 0.2
"""Chance that a worker hears of a change of the roster by itself before a batch."""

Key = tuple[str, int]


@dataclass
class Worker:
    """One process that reads one partition: what it knows of the roster."""

    known: Roster
    begun: bool = False


@dataclass
class World(Flow):
    """One generation. Its stages run as in `Flow`; each partition is read by a process of its own."""

    name: str = "g1"
    both: Worlds = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.dependencies = replace(self.dependencies, generation=self.name)
        for topic in FOLLOWED:
            self.queues |= {(f"followed {topic}", number): Queue() for number in range(self.partitions)}
        self.workers = {key: Worker(self.both.roster) for key in self.queues}
        self.bookmark = Bookmark()

    def enqueue(self, message: Message) -> None:
        if message.topic in FOLLOWED:
            self.both.tell(message)
        else:
            super().enqueue(message)

    def hear(self, message: Message) -> None:
        """What a follower reads."""
        number = zlib.crc32(message.key or b"") % self.partitions
        again = self.chaos.random.random() < self.chaos.repeat
        self.queues[f"followed {message.topic}", number].waiting.extend([message] * (1 + again))

    async def work(self, key: Key) -> None:
        """Read one partition for ever, and come again after a crash."""
        queue = self.queues[key]
        while True:
            await self.chaos.turn(ready=lambda: bool(queue.waiting))
            size = min(len(queue.waiting), self.chaos.random.randint(1, self.batch_size))
            queue.busy = True
            try:
                await self._process(key, [queue.waiting[i] for i in range(size)])
            except CrashError:
                self.crashes += 1
                queue.rewind(self.chaos.random.randint(0, REWOUND))
                self.workers[key] = Worker(known=self.both.roster)
            else:
                queue.finished(size)
            queue.busy = False

    async def _process(self, key: Key, messages: Sequence[Message]) -> None:
        topic, worker = key[0], self.workers[key]
        stage = FOLLOWED.get(topic.removeprefix("followed ")) or self.stages[topic]
        dependencies = replace(
            self.dependencies, audience=lambda: self._audience(worker), promotion=lambda: worker.known.live.promotion
        )
        if topic not in TELLING:
            await stage(messages, dependencies)
            return
        if self.chaos.random.random() < LEARNS:
            worker.known = self.both.roster

        async def refresh() -> None:
            worker.known = self.both.roster

        attentive = Attentive(lambda some: stage(some, dependencies), refresh, self.index.backup)
        attentive._begun = worker.begun
        worker.begun = True
        await attentive(messages)

    def _audience(self, worker: Worker) -> Audience:
        return Audience.PUBLIC if worker.known.is_live(self.name) else Audience.SHADOW

    def put_barriers(self) -> list[tuple[Key, Message]]:
        """One into each partition of what tells; where they lie."""
        put = []
        for key, queue in self.queues.items():
            if key[0] in TELLING:
                barrier = Message(key[0], None, None, headers={BARRIER: str(len(self.both.log)).encode()}, offset=-2)
                queue.waiting.append(barrier)
                put.append((key, barrier))
        return put

    def past(self, key: Key, barrier: Message) -> bool:
        """Whether what was read up to there is committed; a worker commits now and then what it acknowledged."""
        queue = self.queues[key]
        if not queue.busy:
            queue.uncommitted.clear()
        return not any(one is barrier for one in (*queue.waiting, *queue.uncommitted))

    def read_to_the_end(self, topic: str) -> bool:
        """Whether the followers of that topic have committed all there is."""
        some = [queue for (name, _), queue in self.queues.items() if name == f"followed {topic}"]
        return not any(queue.waiting or queue.busy for queue in some)

    @property
    def drained(self) -> bool:
        return self._drained()


@dataclass
class Protocol:
    """The steps of an exchange that may be left out, to see that tests notice."""

    hush: bool = True
    hear: bool = True
    announce: bool = True
    take_over: bool = True


@dataclass
class Worlds:
    """Generations that read the same listings, and the one log of what subscribers hear."""

    chaos: Chaos
    spaces: Mapping[str, Space]
    batch_size: int = 8
    log: list[Message] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        first = next(iter(self.spaces))
        self.roster = Roster({}, Live(generation=first))
        self.worlds = {
            name: World(
                space.policy, self.chaos, self.batch_size, encoder=space.encoder(), partitions=PARTITIONS,
                name=name, both=self,
            )
            for name, space in self.spaces.items()
        }  # fmt: skip

    def tell(self, message: Message) -> None:
        """What anybody publishes for subscribers."""
        self.log.append(message)
        for world in self.worlds.values():
            world.hear(message)

    def publish(self, space: Space) -> None:
        """One random event, for all generations."""
        first, *others = self.worlds.values()
        message = random_event(first, space, self.sent)
        self.sent.append(message)
        for other in others:
            other.enqueue(message)

    async def exchange(self, name: str, protocol: Protocol) -> None:
        """Make a generation the live one, as `streams.reindex.exchange` does."""
        live = self.roster.live
        before, coming = live.generation, self.worlds[name]
        await self._say(
            Live(generation="", coming=name, previous=before, promotion=live.promotion, step=Step.WITHDRAWING)
        )
        if protocol.hush:
            await self._pass(self.worlds[before])
        if protocol.hear:
            await self._until(lambda: all(coming.read_to_the_end(topic) for topic in FOLLOWED))
        promotion = live.promotion + 1
        await self._say(Live(generation=name, previous=before, promotion=promotion, step=Step.ANNOUNCED))
        if protocol.announce:
            await self._pass(coming)
        await self._say(replace(self.roster.live, step=Step.TAKING_OVER))
        while protocol.take_over and not is_through(coming.bookmark.place, promotion):
            await self._take_over(coming, promotion)
        await self._say(replace(self.roster.live, step=Step.SETTLED))

    async def _take_over(self, world: World, promotion: int) -> None:
        dependencies = replace(world.dependencies, audience=lambda: Audience.PUBLIC)
        try:
            await Takeover(dependencies, world.bookmark, due=lambda: None).page(promotion)
        except CrashError:
            world.crashes += 1

    async def _say(self, live: Live) -> None:
        await self.chaos.turn()
        self.roster = replace(self.roster, live=live)

    async def _pass(self, world: World) -> None:
        put = world.put_barriers()
        await self._until(lambda: all(world.past(key, barrier) for key, barrier in put))

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            await self.chaos.turn()

    async def run(self, *actions: Callable[[], object]) -> None:
        """Do these at the same time as everything else, and go on until nothing is left."""
        doing = [asyncio.create_task(one()) for one in actions]
        tasks = [asyncio.create_task(world.work(key)) for world in self.worlds.values() for key in world.queues]

        def over() -> bool:
            if any(task.done() for task in tasks):
                return True
            return all(one.done() for one in doing) and all(world.drained for world in self.worlds.values())

        try:
            await self.chaos.run(until=over)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise error
        for one in doing:
            await one

    async def trickle(self, space: Space, events: int) -> None:
        """Publish so many events, one now and then."""
        for _ in range(events):
            for _ in range(self.chaos.random.randrange(40)):
                await self.chaos.turn()
            self.publish(space)


def rng_of(seed: int) -> random.Random:
    return random.Random(seed)
