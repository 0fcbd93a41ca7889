"""Reading several topics at once, from given places on, without a group: for whoever keeps the places itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.brokers.client import admin_client, partition_counts
from streams.brokers.failures import broker_errors
from streams.brokers.reader import FETCH_WAIT_MS, lone_consumer, message_of
from streams.events import Message
from streams.settings import Settings

__all__ = ["Place", "TopicsReader", "reading_topics"]

Place = tuple[str, int]
"""A topic's name and a partition's number."""

_RECORDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class TopicsReader:
    """What `reading_topics` gives."""

    consumer: AIOKafkaConsumer
    settings: Settings
    ends: Mapping[Place, int]
    """Where each partition ended when reading began."""

    async def batch(self, records: int = _RECORDS) -> list[Message]:
        """The next records, in order within each partition; none after a while without any.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self.settings):
            found = await self.consumer.getmany(timeout_ms=FETCH_WAIT_MS, max_records=records)
        return [message_of(record) for records in found.values() for record in records]

    async def caught_up(self) -> bool:
        """Whether all is read that was there when reading began, also where nothing is left of it."""
        with broker_errors(self.settings):
            for (topic, number), end in self.ends.items():
                if await self.consumer.position(TopicPartition(topic, number)) < end:
                    return False
        return True

    async def ensure_connected(self) -> None:
        """Fail where a fetch would wait for ever.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self.settings):
            await self.consumer.end_offsets([TopicPartition(*place) for place in self.ends])


@asynccontextmanager
async def reading_topics(
    settings: Settings, topics: Sequence[str], starts: Mapping[Place, int]
) -> AsyncIterator[TopicsReader]:
    """Read all partitions of these topics: from the places in `starts` on, the others from their beginning.

    Raises:
        TopicMissingError: one of them does not exist.
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            counts = await partition_counts(admin, topics)
    partitions = [TopicPartition(topic, number) for topic in topics for number in range(counts[topic])]
    async with lone_consumer(settings) as consumer:
        with broker_errors(settings):
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            for partition in partitions:
                if (start := starts.get((partition.topic, partition.partition))) is not None:
                    consumer.seek(partition, start)
            ends = await consumer.end_offsets(partitions)
        yield TopicsReader(consumer, settings, {(one.topic, one.partition): end for one, end in ends.items()})
