"""Publishing: every acknowledged message is on all replicas, and what is in flight stays bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer

from streams.brokers.client import admin_client, kafka_options, partition_counts
from streams.brokers.deliveries import Deliveries, Sent
from streams.brokers.failures import TOO_LARGE, broker_errors, too_large
from streams.brokers.knocking import explained
from streams.brokers.topics import DEAD_LETTER_BYTES, MESSAGE_BYTES, Topics
from streams.events import Message
from streams.events.headers import Headers
from streams.settings import Settings

__all__ = ["Publisher", "Sent"]

# Brokers store whole batches, and the embedded one hands out one batch of a partition at a time.
_BATCH_BYTES = 256 * 1024
_GOODBYE_S = 5.0

_Pairs = Sequence[tuple[str, bytes | None]]
_NONE: Mapping[str, bytes | None] = MappingProxyType({})


class Publisher:
    """Publishes messages: `async with Publisher(settings) as publisher`.

    A key lands in the partition where the stages' own producers put it (murmur2). Retries make no
    duplicates and keep the order within a partition.

    Args:
        in_flight: messages sent and not yet acknowledged; `send` waits when there are so many.
        delivery_timeout_s: a message not acknowledged within that time counts as not delivered.
    """

    def __init__(self, settings: Settings, *, in_flight: int = 2000, delivery_timeout_s: float = 60.0) -> None:
        self._settings = settings
        topics = Topics(settings)
        self._roomy = {topics.dead_letters.name, topics.shadow_dead_letters.name, topics.refetch.name}
        self._deliveries = Deliveries(settings, delivery_timeout_s)
        self._slots = asyncio.Semaphore(in_flight)
        self._pending: set[asyncio.Future[Sent]] = set()
        self._partitions: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerUnavailableError: no broker answers.
            BrokerError: one answers and refuses.
        """
        options = kafka_options(self._settings)
        self._producer = AIOKafkaProducer(
            **options,
            acks="all",
            enable_idempotence=True,
            linger_ms=10,
            max_batch_size=_BATCH_BYTES,
            max_request_size=DEAD_LETTER_BYTES,
        )
        try:
            async with explained(self._settings, options):
                with broker_errors(self._settings):
                    await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Send what is pending and disconnect; the first failure is raised unless one is on its way."""
        try:
            if error is None:
                await self.flush()
        finally:
            for future in self._pending:
                future.add_done_callback(_look_at)
            await self._disconnect()

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | None] = _NONE,
        *,
        partition: int | None = None,
    ) -> asyncio.Future[Sent]:
        """Hand over one message; the future ends when all replicas have it.

        It goes into the partition of its key, or into the one given; into the last where there are not so many.

        Raises:
            TopicMissingError: the topic does not exist.
            BrokerError: the message is larger than `MESSAGE_BYTES`.
            BrokerUnavailableError: no broker answers; the future ends so too.
        """
        pairs = Headers.of(headers).pairs
        if topic not in self._roomy and _size(key, value, pairs) > MESSAGE_BYTES:
            raise too_large(topic, key, value)
        last = await self._partitions_of(topic) - 1
        await self._slots.acquire()
        try:
            where = None if partition is None else min(partition, last)
            delivery = await self._hand_over(topic, key, value, pairs, where)
        except BaseException:
            self._slots.release()
            raise
        future = self._deliveries.told(delivery, topic, key)
        self._pending.add(future)
        future.add_done_callback(self._done)
        return future

    async def publish_all(
        self, messages: AsyncIterable[Message] | Iterable[Message], on_sent: Callable[[Sent], None] | None = None
    ) -> int:
        """Publish every message and wait until all are acknowledged; how many there were.

        Raises:
            TopicMissingError, BrokerError, BrokerUnavailableError: as `send`.
        """
        count = 0
        if isinstance(messages, AsyncIterable):
            async for message in messages:
                await self._publish(message, on_sent)
                count += 1
        else:
            for message in messages:
                await self._publish(message, on_sent)
                count += 1
        await self.flush()
        return count

    async def confirmed(self, deliveries: Collection[asyncio.Future[Sent]]) -> None:
        """Wait until all of these ended, for a caller that answers for them: `flush` does not tell them again.

        Raises:
            BrokerError, BrokerUnavailableError: how the first that failed did.
        """
        self._pending.difference_update(deliveries)
        for ended in await asyncio.gather(*deliveries, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def flush(self) -> None:
        """Wait until everything handed over is acknowledged.

        Raises:
            BrokerUnavailableError: something was not.
        """
        if self._pending:
            await asyncio.gather(*self._pending)

    async def _hand_over(
        self, topic: str, key: bytes | None, value: bytes | None, headers: _Pairs, partition: int | None
    ) -> asyncio.Future[Any]:
        with broker_errors(self._settings):
            try:
                delivery: asyncio.Future[Any] = await self._producer.send(
                    topic, value, key=key, headers=list(headers), partition=partition
                )
            except TOO_LARGE as error:
                raise too_large(topic, key, value) from error
            return delivery

    async def _publish(self, message: Message, on_sent: Callable[[Sent], None] | None) -> None:
        future = await self.send(message.topic, message.key, message.value, message.headers)
        if on_sent is not None:
            future.add_done_callback(
                lambda done: None if done.cancelled() or done.exception() else on_sent(done.result())
            )

    def _done(self, future: asyncio.Future[Sent]) -> None:
        self._slots.release()
        # A failure stays pending, so that `flush` raises it even when nobody looked at the future.
        if not future.cancelled() and future.exception() is None:
            self._pending.discard(future)

    async def _disconnect(self) -> None:
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._producer.stop()
        except TimeoutError:
            # It waits for ever to deliver to brokers that are gone.
            await self._producer._sender.close()  # noqa: SLF001 - there is no public way to give up
            await self._producer.client.close()

    async def _partitions_of(self, topic: str) -> int:
        if topic not in self._partitions:
            async with admin_client(self._settings) as admin:
                with broker_errors(self._settings):
                    self._partitions |= await partition_counts(admin, [topic])
        return self._partitions[topic]


def _size(key: bytes | None, value: bytes | None, headers: _Pairs) -> int:
    told = sum(len(name.encode()) + len(header or b"") for name, header in headers)
    return len(key or b"") + len(value or b"") + told


def _look_at(future: asyncio.Future[Sent]) -> None:
    if not future.cancelled():
        future.exception()
