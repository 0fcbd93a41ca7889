"""Publishing a log as sellers do: what was not acknowledged is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from streams.brokers.producer import Publisher, Sent
from streams.errors import BrokerError
from streams.events import Message
from streams.settings import Settings

_DELIVERY_S: Final = 60.0


@dataclass
class Seller:
    """Publishes, and remembers what Kafka has acknowledged.

    Args:
        settings: of the brokers.
        may_send: whether the next messages are due, by how many were sent.
        chunk: messages between two such questions.
    """

    settings: Settings
    may_send: Callable[[int], bool]
    chunk: int = 50
    acknowledged: dict[tuple[str, int, int], Message] = field(default_factory=dict)
    sent_again: int = 0

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish all of them, those of one key in order."""
        log = iter(messages)
        while chunk := list(islice(log, self.chunk)):
            while not self.may_send(len(self.acknowledged)):
                await asyncio.sleep(0.1)
            await self._until_acknowledged(chunk)

    async def _until_acknowledged(self, messages: Sequence[Message]) -> None:
        left = list(messages)
        while left:
            before = len(left)
            left = await self._published(left)
            self.sent_again += len(left)
            if len(left) == before:
                await asyncio.sleep(1.0)

    async def _published(self, messages: Sequence[Message]) -> list[Message]:
        """Those that were not acknowledged, and all after the first such one."""
        try:
            return await self._tried(messages)
        except BrokerError:
            return list(messages)

    async def _tried(self, messages: Sequence[Message]) -> list[Message]:
        async with Publisher(self.settings, delivery_timeout_s=_DELIVERY_S) as publisher:
            futures = [await publisher.send(one.topic, one.key, one.value, one.headers) for one in messages]
            with suppress(BrokerError):
                await publisher.confirmed(futures)
            return self._remember(messages, futures)

    def _remember(self, messages: Sequence[Message], futures: Sequence[asyncio.Future[Sent]]) -> list[Message]:
        left = []
        for message, future in zip(messages, futures, strict=True):
            if future.cancelled() or future.exception() is not None:
                left.append(message)
                continue
            place = future.result()
            self.acknowledged[place.topic, place.partition, place.offset] = message
        return left
