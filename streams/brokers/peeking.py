"""Looking whether offsets hold anything to read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from time import monotonic
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

__all__ = ["nothing_between"]

_AT_MOST = 64
_WITHIN_S = 5.0

Offsets = Mapping[TopicPartition, int]

_Answer = TypeVar("_Answer")


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
        until_s = monotonic() + _WITHIN_S
        while await _answered(consumer.position(partition)) < end:
            found = await _answered(consumer.getmany(partition, timeout_ms=100, max_records=1))
            if found or monotonic() > until_s:
                return False
    except TimeoutError:
        return False
    finally:
        consumer.unsubscribe()
    return True


async def _answered(asked: Awaitable[_Answer]) -> _Answer:
    """What aiokafka answers in time. It may swallow a cancellation, so nobody waits for it to be cancelled."""
    task = asyncio.ensure_future(asked)
    await asyncio.wait({task}, timeout=_WITHIN_S)
    if not task.done():
        task.cancel()
        raise TimeoutError
    return task.result()
