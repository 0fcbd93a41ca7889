"""Reading a topic without a group: nothing is committed, and no worker loses a partition by it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.brokers.client import admin_client, new_consumer, partition_counts, stop_consumer
from streams.brokers.failures import broker_errors
from streams.brokers.topics import MESSAGE_BYTES
from streams.events import Message
from streams.events.headers import Headers
from streams.settings import Settings

__all__ = ["FETCH_WAIT_MS", "end_offsets", "lone_consumer", "message_of", "read_records"]

# Brokers answer at once when there is something to read; the embedded one only after this time.
FETCH_WAIT_MS = 100


async def read_records(
    settings: Settings,
    topic: str,
    *,
    from_beginning: bool = True,
    until_end: bool = False,
    starts: Mapping[int, int] | None = None,
) -> AsyncGenerator[Message]:
    """The records of all partitions, in order within each.

    They begin with the oldest there is or, unless `from_beginning`, with the next to come. With
    `until_end` they stop after what was there at the start; otherwise they go on for ever, and who
    stops reading closes the iterator (`contextlib.aclosing`). `starts` limits it to these partitions,
    by number, each from an offset on.

    Raises:
        TopicMissingError: the topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    partitions = [one for one in await _partitions(settings, topic) if starts is None or one.partition in starts]
    async with lone_consumer(settings) as consumer:
        with broker_errors(settings):
            consumer.assign(partitions)
            await (consumer.seek_to_beginning if from_beginning else consumer.seek_to_end)(*partitions)
            for one in partitions if starts else ():
                consumer.seek(one, (starts or {})[one.partition])
            ends = await consumer.end_offsets(partitions) if until_end else None
        while ends is None or not await _reached(consumer, ends, settings):
            with broker_errors(settings):
                batches = await consumer.getmany(timeout_ms=FETCH_WAIT_MS)
                if ends is not None and not batches:
                    await consumer.end_offsets(partitions)  # fails where a fetch would wait for ever
            for partition, messages in batches.items():
                for message in messages:
                    if ends is None or message.offset < ends[partition]:
                        yield message_of(message)


async def end_offsets(settings: Settings, topic: str) -> dict[int, int]:
    """Where each partition of a topic ends now, by its number.

    Raises:
        TopicMissingError: the topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    partitions = await _partitions(settings, topic)
    async with lone_consumer(settings) as consumer:
        with broker_errors(settings):
            ends = await consumer.end_offsets(partitions)
    return {partition.partition: end for partition, end in ends.items()}


@asynccontextmanager
async def lone_consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, started and with nothing assigned yet."""
    consumer = new_consumer(
        settings,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=MESSAGE_BYTES,
    )
    try:
        with broker_errors(settings):
            await consumer.start()
        yield consumer
    finally:
        await stop_consumer(consumer)


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


def message_of(record: Any) -> Message:
    """A record of aiokafka's as a message of ours."""
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        timestamp_ms=record.timestamp,
        headers=Headers(record.headers),
    )
