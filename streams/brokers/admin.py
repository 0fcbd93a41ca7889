"""Creating the declared topics, and saying where what is there differs from the declaration."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from streams.brokers.client import admin_client
from streams.brokers.failures import broker_errors
from streams.brokers.topics import Topic, Topics
from streams.errors import BrokerError, BrokerUnavailableError
from streams.settings import Settings

__all__ = ["Outcome", "TopicOutcome", "create_topics", "delete_topics", "remove_topics"]

_LEADERS_WITHIN_S = 20.0

Configuration = Mapping[str, str]


class Outcome(StrEnum):
    """What `create_topics` did about one topic."""

    CREATED = "created"
    PRESENT = "was there"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """One declared topic after `create_topics`.

    Args:
        differences: what is not as declared, in words; left as it is.
    """

    topic: Topic
    outcome: Outcome
    differences: tuple[str, ...] = ()


async def create_topics(settings: Settings) -> list[TopicOutcome]:
    """Create each declared topic that is missing; change nothing that is there.

    Returns:
        One outcome for each topic, in the order of the flow.

    Raises:
        BrokerUnavailableError: no broker answers.
        BrokerError: a broker refuses a topic.
    """
    declared = Topics(settings).declared()
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            try:
                before = await _configurations(admin, declared)
            except IncompatibleBrokerVersion:
                return await _appear(admin, declared, settings)
            created = await _create(admin, [topic for topic in declared if topic.name not in before], settings)
            partitions = await _wait_for_leaders(admin, declared, settings)
            # Again, because a topic can have been created by somebody else in the meantime.
            now = await _configurations(admin, declared)
            return [
                TopicOutcome(topic, Outcome.CREATED)
                if topic.name in created
                else _compare(topic, partitions[topic.name], now.get(topic.name, {}))
                for topic in declared
            ]


async def delete_topics(settings: Settings) -> None:
    """Delete every topic of these settings with all that is in it; Kafka forgets the groups by itself.

    For runs that make topics of their own, under a prefix that nobody else uses.
    """
    await remove_topics(settings, [topic.name for topic in Topics(settings).declared()])


async def remove_topics(settings: Settings, names: Collection[str]) -> None:
    """Delete these topics with all that is in them, and return when they are gone; some may be gone already.

    Raises:
        BrokerUnavailableError: no broker answers.
        BrokerError: a broker refuses.
    """
    if not names:
        return
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            response = await admin.delete_topics(list(names))
            for name, code in response.topic_error_codes:
                _check_deleted(name, code)
            async with asyncio.timeout(_LEADERS_WITHIN_S):
                while set(names) & set(await admin.list_topics()):  # noqa: ASYNC110 - brokers have no event for us
                    await asyncio.sleep(0.05)


def _check_deleted(name: str, code: int) -> None:
    if code not in {0, UnknownTopicOrPartitionError.errno}:
        raise BrokerError(
            f"topic '{name}'",
            got=for_code(code).__name__,
            wanted="a topic that may be deleted",
            remedy="check what the user may do, and delete.topic.enable of the brokers",
        )


async def _appear(admin: AIOKafkaAdminClient, topics: Sequence[Topic], settings: Settings) -> list[TopicOutcome]:
    """The embedded broker takes no orders and keeps no configuration: it makes a topic when asked about it."""
    before = set(await admin.list_topics())
    partitions = await _wait_for_leaders(admin, topics, settings)
    return [
        _compare(topic, partitions[topic.name], {}, Outcome.PRESENT if topic.name in before else Outcome.CREATED)
        for topic in topics
    ]


async def _configurations(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, Configuration]:
    """The configuration of each topic that exists, by name."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    responses = await admin.describe_configs(resources)
    found = [resource for response in responses for resource in response.resources if resource[0] == 0]
    return {resource[3]: {entry[0]: entry[1] for entry in resource[4]} for resource in found}


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], settings: Settings) -> set[str]:
    """Create these topics; the names of those that nobody else created in the meantime."""
    wanted = [
        NewTopic(topic.name, topic.partitions, settings.replication, topic_configs=dict(topic.configuration))
        for topic in topics
    ]
    if not wanted:
        return set()
    response = await admin.create_topics(wanted)
    return {name for name, code, reason in response.topic_errors if _was_created(name, code, reason)}


def _was_created(name: str, code: int, reason: str | None) -> bool:
    if code == TopicAlreadyExistsError.errno:
        return False
    if code != 0:
        raise BrokerError(
            f"topic '{name}'",
            got=f"{for_code(code).__name__} ({reason})",
            wanted="a new topic",
            remedy="check MATCHSTREAM_PARTITIONS, MATCHSTREAM_REPLICATION and what the user may do",
        )
    return True


async def _wait_for_leaders(admin: AIOKafkaAdminClient, topics: Sequence[Topic], settings: Settings) -> dict[str, int]:
    """How many partitions each topic has, once all of them have a leader."""
    try:
        async with asyncio.timeout(_LEADERS_WITHIN_S):
            while True:
                found = await admin.describe_topics([topic.name for topic in topics])
                if all(_has_leaders(topic) for topic in found):
                    return {topic["topic"]: len(topic["partitions"]) for topic in found}
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise BrokerUnavailableError(
            f"broker {settings.brokers}",
            got=f"partitions without a leader for {_LEADERS_WITHIN_S:g} s",
            wanted="a leader for each",
            remedy="look into the brokers' logs; running this again does no harm",
        ) from error


def _has_leaders(topic: Mapping[str, Any]) -> bool:
    partitions = topic["partitions"]
    return bool(partitions) and all(partition["leader"] >= 0 for partition in partitions)


def _compare(
    topic: Topic, partitions: int, configuration: Configuration, otherwise: Outcome = Outcome.PRESENT
) -> TopicOutcome:
    differences = [] if partitions == topic.partitions else [f"{partitions} partitions, {topic.partitions} declared"]
    differences += [
        f"{key}={configuration[key]}, {value} declared"
        for key, value in topic.configuration.items()
        if configuration.get(key, value) != value
    ]
    return TopicOutcome(topic, Outcome.DIFFERS if differences else otherwise, tuple(differences))
