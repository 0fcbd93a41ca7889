"""Sending barriers to the workers of a generation, and waiting until they are past them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiokafka import TopicPartition

from streams.brokers.client import admin_client, partition_counts
from streams.brokers.commits import committed
from streams.brokers.failures import broker_errors
from streams.brokers.groups import members
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics, group_of
from streams.settings import Settings
from streams.stages.barriers import BACKUP, BARRIER

__all__ = ["TELLING", "Say", "pass_barriers", "until"]

TELLING: Final = (StageName.MATCH, StageName.GROUP)
"""The stages that tell anything, and so have to know who is live."""

Say = Callable[[str], None]
"""Is told what is waited for; the same words again and again."""

_LOOK_EVERY_S: Final = 0.2


async def until(ready: Callable[[], Awaitable[bool]], say: Callable[[], None]) -> None:
    """Look until it is so, and say what is waited for."""
    while not await ready():
        say()
        await asyncio.sleep(_LOOK_EVERY_S)


async def pass_barriers(settings: Settings, name: str, say: Say, *, backup: str = "") -> None:
    """Put a barrier into each input of the generation's telling stages, and wait until all are acknowledged.

    A stage that nobody runs is not waited for: whoever starts it reads the roster before its first batch.

    Args:
        settings: of the generation.
        name: says which barrier, to people who read the topic.
        say: is told what is waited for.
        backup: where given, the index is copied under that name, once, by the worker that has the group stage.

    Raises:
        TopicMissingError: the generation has no topics.
        BrokerUnavailableError: no broker answers.
    """
    stages = (StageName.GROUP,) if backup else TELLING
    headers = {BARRIER: name.encode(), **({BACKUP: backup.encode()} if backup else {})}
    for stage, offsets in (await _sent(settings, stages, headers)).items():
        await _acknowledged(settings, stage, offsets, say)


async def _sent(
    settings: Settings, stages: tuple[StageName, ...], headers: Mapping[str, bytes]
) -> dict[StageName, dict[TopicPartition, int]]:
    """The offset of the barrier in each partition of what each stage reads."""
    topics = {stage: Topics(settings).inputs()[stage].name for stage in stages}
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            counts = await partition_counts(admin, list(topics.values()))
    found = {}
    async with Publisher(settings) as publisher:
        for stage, topic in topics.items():
            futures = [
                await publisher.send(topic, b"", b"{}", headers, partition=number) for number in range(counts[topic])
            ]
            sent = await asyncio.gather(*futures)
            found[stage] = {TopicPartition(topic, one.partition): one.offset for one in sent}
    return found


async def _acknowledged(settings: Settings, stage: StageName, offsets: Mapping[TopicPartition, int], say: Say) -> None:
    group = group_of(settings, stage)
    async with admin_client(settings) as admin:

        async def past() -> bool:
            with broker_errors(settings):
                found = await committed(admin, group, offsets)
                if all(found[partition].offset > offset for partition, offset in offsets.items()):
                    return True
                return await members(admin, group) == 0

        await until(past, lambda: say(f"waiting for the workers of '{settings.generation}' ({stage})"))
