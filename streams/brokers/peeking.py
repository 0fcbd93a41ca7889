"""Looking whether offsets hold anything to read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

__all__ = ["nothing_between"]

_AT_MOST = 64
_WITHIN_S = 5.0

Offsets = Mapping[TopicPartition, int]


async def nothing_between(consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets) -> bool:
    """Whether no partition of `starts` holds a record between there and its end.

    The marker that ends a transaction takes an offset, and compaction can remove the last record of
    a partition: nobody ever reads those offsets, so nobody can commit beyond them. Longer stretches
    than 64 offsets are taken to hold something.

    Args:
        consumer: without a group; its assignment is used and given up.
        starts: the first offset to look at.
        ends: the offset to stop before.
    """
    if any(ends[partition] - start > _AT_MOST for partition, start in starts.items()):
        return False
    for partition, start in starts.items():
        if not await _nothing_from(consumer, partition, start, ends[partition]):
            return False
    return True


async def _nothing_from(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> bool:
    consumer.assign([partition])
    consumer.seek(partition, start)
    try:
        async with asyncio.timeout(_WITHIN_S):
            while await consumer.position(partition) < end:
                if await consumer.getmany(partition, timeout_ms=100, max_records=1):
                    return False
    except TimeoutError:
        return False
    finally:
        consumer.unsubscribe()
    return True
