"""Consumer groups looked at from outside: who is in them, and what they have done of a topic.

Nothing here joins a group.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from streams.brokers.client import admin_client, new_consumer, partition_counts, stop_consumer
from streams.brokers.commits import committed
from streams.brokers.failures import broker_errors
from streams.brokers.lag import PartitionLag
from streams.brokers.peeking import nothing_between
from streams.settings import Settings

__all__ = ["GroupReader", "coordinated", "lag_of", "members", "new_group_reader"]

_COORDINATOR_WITHIN_S: Final = 20.0

_Answer = TypeVar("_Answer")


async def members(admin: AIOKafkaAdminClient, group: str) -> int:
    """How many processes are in a group; 0 for one that nobody knows."""

    async def describe() -> int:
        (response,) = await admin.describe_consumer_groups([group])
        ((code, _, state, _, _, found, *_),) = response.groups
        _raise_for(code, group)
        return 0 if state == "Dead" else len(found)

    return await coordinated(describe)


async def lag_of(settings: Settings, topic: str, group: str) -> int:
    """How many messages of a topic a group has not acknowledged, asked once; see `GroupReader.left`.

    Raises:
        TopicMissingError: there is no such topic.
        BrokerUnavailableError: no broker answers.
    """
    async with new_group_reader(settings) as reader:
        return await reader.left(topic, group)


@dataclass(frozen=True, slots=True)
class GroupReader:
    """Asks what groups have done of topics, over connections that are open; see `new_group_reader`."""

    settings: Settings
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer

    async def starts(self, topic: str) -> dict[int, int]:
        """The first offset there is of each partition, by its number: more than 0 where something was deleted.

        Raises:
            TopicMissingError: there is no such topic.
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self.settings):
            return _by_number(await self.consumer.beginning_offsets(await self._partitions(topic)))

    async def ends(self, topic: str) -> dict[int, int]:
        """Where each partition ends now.

        Raises:
            TopicMissingError, BrokerUnavailableError: as `starts`.
        """
        with broker_errors(self.settings):
            return _by_number(await self.consumer.end_offsets(await self._partitions(topic)))

    async def committed(self, topic: str, group: str) -> dict[int, int]:
        """What a group has committed of each partition; those are missing of which it has nothing.

        Raises:
            TopicMissingError, BrokerUnavailableError: as `starts`.
        """
        with broker_errors(self.settings):
            found = await committed(self.admin, group, await self._partitions(topic))
        return {partition.partition: one.offset for partition, one in found.items() if one.offset >= 0}

    async def lags(self, topic: str, group: str) -> tuple[PartitionLag, ...]:
        """How far a group is behind in each partition of a topic.

        Raises:
            TopicMissingError, BrokerUnavailableError: as `starts`.
        """
        done, first, ends = await self.committed(topic, group), await self.starts(topic), await self.ends(topic)
        return tuple(
            PartitionLag(
                partition=number,
                end=end,
                committed=done.get(number),
                lag=max(0, end - max(done.get(number, 0), first.get(number, 0))),
            )
            for number, end in ends.items()
        )

    async def left(self, topic: str, group: str) -> int:
        """How many offsets of a topic a group has not acknowledged; 0 also where those hold nothing to read.

        Raises:
            TopicMissingError, BrokerUnavailableError: as `starts`.
        """
        behind = [one for one in await self.lags(topic, group) if one.lag]
        starts = {TopicPartition(topic, one.partition): one.end - one.lag for one in behind}
        ends = {TopicPartition(topic, one.partition): one.end for one in behind}
        with broker_errors(self.settings):
            nothing = await nothing_between(self.consumer, starts, ends)
        return 0 if nothing else sum(one.lag for one in behind)

    async def members(self, groups: Sequence[str]) -> dict[str, int]:
        """How many processes are in each of these groups.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self.settings):
            counts = await asyncio.gather(*(members(self.admin, group) for group in groups))
        return dict(zip(groups, counts, strict=True))

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        counts = await partition_counts(self.admin, [topic])
        return [TopicPartition(topic, number) for number in range(counts[topic])]


@asynccontextmanager
async def new_group_reader(settings: Settings) -> AsyncIterator[GroupReader]:
    """A `GroupReader` that is connected.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        consumer = new_consumer(settings, enable_auto_commit=False, fetch_max_wait_ms=100)
        try:
            with broker_errors(settings):
                await consumer.start()
            yield GroupReader(settings, admin, consumer)
        finally:
            await stop_consumer(consumer)


async def coordinated(ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Ask until the coordinator of a group answers: one that is moving or still loading says so."""
    async with asyncio.timeout(_COORDINATOR_WITHIN_S):
        while True:
            try:
                return await ask()
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(0.1)


def _raise_for(code: int, group: str) -> None:
    if code:
        raise for_code(code)(group)


def _by_number(offsets: Mapping[TopicPartition, int]) -> dict[int, int]:
    return {partition.partition: offset for partition, offset in offsets.items()}
