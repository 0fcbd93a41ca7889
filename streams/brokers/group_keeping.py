"""Consumer groups kept from outside: which a generation has, setting where one goes on, and forgetting them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupIdNotFound, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from streams.brokers.client import admin_client, new_consumer, stop_consumer
from streams.brokers.commits import SWEEP, TAKEOVER
from streams.brokers.failures import broker_errors
from streams.brokers.groups import coordinated
from streams.brokers.topics import REFETCH, Aside, StageName, group_of
from streams.errors import BrokerError
from streams.settings import Settings

__all__ = ["commit_offsets", "delete_groups", "groups_of"]

_COMMITTED_WITHIN_S: Final = 30.0


def groups_of(settings: Settings) -> tuple[str, ...]:
    """Every group of the generation that settings name."""
    reading = [group_of(settings, one) for one in (*StageName, *Aside, REFETCH)]
    return (*reading, *(f"{settings.topic_prefix}{settings.generation}.{one}" for one in (SWEEP, TAKEOVER)))


async def delete_groups(settings: Settings, groups: Collection[str]) -> None:
    """Have Kafka forget these groups and all that they have committed; of some it may know nothing.

    Raises:
        BrokerError: somebody is in one of them.
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        for group in groups:
            with broker_errors(settings):
                code = await coordinated(partial(_deleted, admin, group))
            if code not in {0, GroupIdNotFound.errno}:
                raise BrokerError(
                    f"consumer group '{group}'",
                    got=for_code(code).__name__,
                    wanted="a group that nobody is in",
                    remedy="stop its workers, then run this again",
                )


async def commit_offsets(settings: Settings, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Have a group that nobody is in go on from these offsets, by the numbers of the topic's partitions.

    Raises:
        BrokerError: somebody is in the group.
        BrokerUnavailableError: no broker answers.
    """
    places = {TopicPartition(topic, number): offset for number, offset in offsets.items()}
    if not places:
        return
    consumer = new_consumer(settings, group_id=group, enable_auto_commit=False)
    try:
        with broker_errors(settings):
            await consumer.start()
            consumer.assign(list(places))
            async with asyncio.timeout(_COMMITTED_WITHIN_S):  # it would ask for a coordinator for ever
                await consumer.commit(places)
    finally:
        await stop_consumer(consumer)


async def _deleted(admin: AIOKafkaAdminClient, group: str) -> int:
    coordinator = await admin.find_coordinator(group)
    # aiokafka's admin client has no call for it.
    response = await admin._send_request(DeleteGroupsRequest([group]), coordinator)  # noqa: SLF001 - likewise
    ((_, code),) = response.results
    if for_code(code).retriable:
        raise for_code(code)(group)
    return int(code)
