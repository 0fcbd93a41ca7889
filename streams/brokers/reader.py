"""Reading a topic without a group: nothing is committed, and no worker loses a partition by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.brokers.client import admin_client, broker_errors, kafka_options, partition_counts
from streams.brokers.topics import MESSAGE_BYTES
from streams.settings import Settings

__all__ = ["Record", "read_records"]

# Brokers answer at once when there is something to read; the embedded one only after this time.
_FETCH_WAIT_MS = 100


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...] = ()


async def read_records(
    settings: Settings, topic: str, *, from_beginning: bool = True, until_end: bool = False
) -> AsyncIterator[Record]:
    """The records of all partitions, in order within each.

    Args:
        from_beginning: from the oldest record there is; otherwise only what comes from now on.
        until_end: stop after what was there at the start; otherwise go on for ever.

    Raises:
        TopicMissingError: the topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    partitions = await _partitions(settings, topic)
    async with _consumer(settings) as consumer:
        with broker_errors(settings):
            consumer.assign(partitions)
            await (consumer.seek_to_beginning if from_beginning else consumer.seek_to_end)(*partitions)
            ends = await consumer.end_offsets(partitions) if until_end else None
        while ends is None or not await _reached(consumer, ends, settings):
            with broker_errors(settings):
                batches = await consumer.getmany(timeout_ms=_FETCH_WAIT_MS)
            for partition, messages in batches.items():
                for message in messages:
                    if ends is None or message.offset < ends[partition]:
                        yield _record(message)


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=_FETCH_WAIT_MS,
        max_partition_fetch_bytes=MESSAGE_BYTES,
    )
    try:
        with broker_errors(settings):
            await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            counts = await partition_counts(admin, [topic])
    return [TopicPartition(topic, number) for number in range(counts[topic])]


async def _reached(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], settings: Settings) -> bool:
    with broker_errors(settings):
        for partition, end in ends.items():
            if await consumer.position(partition) < end:
                return False
    return True


def _record(message: object) -> Record:
    fields = ("topic", "partition", "offset", "key", "value", "timestamp")
    return Record(*(getattr(message, field) for field in fields), headers=tuple(getattr(message, "headers", ())))
