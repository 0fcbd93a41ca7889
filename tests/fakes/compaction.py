"""A broker that compacts within a second what it keeps for days elsewhere, and how much is left then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Final

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from streams.brokers.reader import end_offsets, read_records
from streams.brokers.topics import Topic
from streams.events import Message
from streams.settings import Settings

_NODE: Final = "1"
"""Local Kafka has this one."""

_OFTEN: Final = {"log.cleaner.backoff.ms": "100"}
_AT_ONCE: Final = {
    "segment.ms": "100",
    "segment.bytes": str(1024 * 1024),
    "segment.index.bytes": "4096",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "50",
    "delete.retention.ms": "3000",  # who reads all the time has seen it by then, also on a busy machine
    "file.delete.delay.ms": "5000",  # what was compacted stays open for so long; a broker out of open files ends
}
_WITHIN_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 3.0


def clean_often(settings: Settings) -> None:
    """Have the broker look many times a second whether a topic may be compacted."""
    _configure(settings, ResourceType.BROKER, _NODE, _OFTEN)


def clean_as_ever(settings: Settings) -> None:
    """Take that back."""
    _configure(settings, ResourceType.BROKER, _NODE, dict.fromkeys(_OFTEN))


def compact_at_once(settings: Settings, topics: Iterable[Topic]) -> None:
    """Have each message end the segment before it, which is compacted at once, and tombstones removed soon after."""
    for topic in topics:
        if topic.compacted:
            _configure(settings, ResourceType.TOPIC, topic.name, _AT_ONCE)


async def records_of(settings: Settings, topic: str) -> list[Message]:
    """What is left of a topic."""
    async with aclosing(read_records(settings, topic, until_end=True)) as records:
        return [record async for record in records]


async def written_to(settings: Settings, topic: str) -> int:
    """How many records there ever were, without transactions."""
    return sum((await end_offsets(settings, topic)).values())


async def until_compacted(
    settings: Settings, topic: str, more: Callable[[], Awaitable[None]], gone: Iterable[bytes] = ()
) -> None:
    """Wait until most records of a topic are gone, and all with these keys.

    Args:
        settings: of the broker.
        topic: a compacted one.
        more: publishes something into each partition: only so do segments end.
        gone: of whom the last record is a tombstone.
    """
    withdrawn, pause = set(gone), _FIRST_PAUSE_S
    while True:
        left = await records_of(settings, topic)
        if 2 * len(left) < await written_to(settings, topic) and not withdrawn & {one.key for one in left}:
            return
        await more()
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, _LONGEST_PAUSE_S)  # a cleaner that is behind is not given work faster than it does it


def _configure(settings: Settings, kind: ResourceType, name: str, values: Mapping[str, str | None]) -> None:
    entries = [
        ConfigEntry(
            key, value, incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
        )
        for key, value in values.items()
    ]
    admin = AdminClient({"bootstrap.servers": settings.brokers, "log_level": 0})
    resource = ConfigResource(kind, name, incremental_configs=entries)
    for changed in admin.incremental_alter_configs([resource]).values():
        changed.result(_WITHIN_S)
