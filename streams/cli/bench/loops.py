"""Loops that read a topic for `matchstream bench broker`: the product's own, and the plainest there is."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from streams.bootstrap import KafkaOutbox
from streams.brokers.client import new_consumer, stop_consumer
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics
from streams.events import Message
from streams.settings import Settings
from streams.stages import Channel, Letter

Work = Callable[[Sequence[Message]], Awaitable[None]]
Loop = Callable[[Settings, "Watched"], Awaitable[None]]

_STAGE = StageName.EMBED
"""Its topic belongs to no generation, so that each reading can have a group of its own."""


@dataclass
class Watched:
    """Work on batches, with the time it took from the first tenth of all messages to the last one.

    Args:
        messages: that will come.
        work: is done for each batch.
    """

    messages: int
    work: Work
    done: asyncio.Event = field(default_factory=asyncio.Event)
    wall_s: float = 0.0
    processor_s: float = 0.0
    counted: int = 0
    _seen: int = 0
    _begun: tuple[float, float] | None = None

    async def __call__(self, messages: Sequence[Message]) -> None:
        """Work on a batch."""
        await self.work(messages)
        self._seen += len(messages)
        if self._begun is None:
            if self._seen >= self.messages // 10:
                self._begun = time.perf_counter(), time.process_time()
                self.counted = self.messages - self._seen
        elif self._seen >= self.messages and not self.done.is_set():
            self.wall_s = time.perf_counter() - self._begun[0]
            self.processor_s = time.process_time() - self._begun[1]
            self.done.set()


async def nothing(_messages: Sequence[Message]) -> None:
    """The stage that does nothing."""


def forwarding(publisher: Publisher, settings: Settings) -> Work:
    """The stage that sends each message on, as stages do."""
    outbox = KafkaOutbox(publisher, Topics(settings))

    async def forward(messages: Sequence[Message]) -> None:
        await outbox.deliver([Letter(Channel.EMBEDDINGS, one.key, one.value) for one in messages])

    return forward


async def stage_loop(settings: Settings, watched: Watched) -> None:
    """What workers run."""
    from streams.agents import stage_app  # noqa: PLC0415 - it brings Faust, which hardly any command needs

    app = stage_app(_STAGE, settings.model_copy(update={"generation": _group()}), watched)
    await app.start()
    ended = asyncio.ensure_future(app.wait_until_stopped())
    done = asyncio.ensure_future(watched.done.wait())
    try:
        await asyncio.wait([ended, done], return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
        done.cancel()
        await app.stop()
    if app.crash_reason is not None:
        raise app.crash_reason


async def plain_loop(settings: Settings, watched: Watched) -> None:
    """Without Faust: a batch is read, worked on, committed."""
    topic = Topics(settings).inputs()[_STAGE].name
    options = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}
    consumer = new_consumer(settings, group_id=_group(), **options)
    consumer.subscribe([topic])
    await consumer.start()
    try:
        while not watched.done.is_set():
            found = await consumer.getmany(timeout_ms=1000, max_records=settings.batch_size)
            if records := [record for some in found.values() for record in some]:
                await watched([_message(record) for record in records])
                await consumer.commit()
    finally:
        await stop_consumer(consumer)


def _message(record: object) -> Message:
    return Message(
        topic=getattr(record, "topic", ""),
        key=getattr(record, "key", None),
        value=getattr(record, "value", None),
    )


def _group() -> str:
    return f"bench-{secrets.token_hex(4)}"
