"""What consumer groups have committed: offsets, and the words that may stand beside one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from streams.brokers.client import admin_client, new_consumer, stop_consumer
from streams.brokers.failures import broker_errors
from streams.brokers.topics import Topics
from streams.settings import Settings

__all__ = ["SWEEP", "TAKEOVER", "KafkaBookmark", "committed", "place_of", "sweep_place"]

SWEEP: Final = "sweep"
TAKEOVER: Final = "takeover"
"""Who goes through the whole index, and keeps its place."""

_COORDINATOR_WITHIN_S: Final = 20.0


async def committed(
    admin: AIOKafkaAdminClient, group: str, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """What a group has committed for each of these partitions; offset -1 where it has nothing."""
    async with asyncio.timeout(_COORDINATOR_WITHIN_S):
        while True:
            try:
                found = await admin.list_consumer_group_offsets(group, partitions=list(partitions))
                return {partition: found[partition] for partition in partitions}
            except KafkaError as error:
                # A coordinator that is moving or still loading says so and answers a little later.
                if not error.retriable:
                    raise
            except KeyError:
                pass
            await asyncio.sleep(0.1)


class KafkaBookmark:
    """A `Bookmark` in a generation's index, kept by Kafka beside an offset of a group that reads nothing."""

    def __init__(self, settings: Settings, whose: str = SWEEP) -> None:
        """Connect to nothing yet."""
        self._settings, self._whose = settings, whose
        self._place = _place(settings)
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        async with AsyncExitStack() as resources:
            self._admin = await resources.enter_async_context(admin_client(self._settings))
            self._consumer = new_consumer(
                self._settings, group_id=_group(self._settings, self._whose), enable_auto_commit=False
            )
            resources.push_async_callback(stop_consumer, self._consumer)
            with broker_errors(self._settings):
                await self._consumer.start()
            self._consumer.assign([self._place])
            self._resources = resources.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    async def read(self) -> str | None:
        """See `Bookmark.read`.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        return await _read(self._admin, self._settings, self._whose)

    async def write(self, place: str | None) -> None:
        """See `Bookmark.write`.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self._settings):
            await self._consumer.commit({self._place: (0, place or "")})


async def sweep_place(settings: Settings) -> str | None:
    """Where the generation's sweep is: the id of a point, None at the beginning of a round or before the first.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    return await place_of(settings, SWEEP)


async def place_of(settings: Settings, whose: str) -> str | None:
    """What the bookmark of `SWEEP` or `TAKEOVER` says; None before the first writing.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        return await _read(admin, settings, whose)


async def _read(admin: AIOKafkaAdminClient, settings: Settings, whose: str) -> str | None:
    place = _place(settings)
    with broker_errors(settings):
        found = await committed(admin, _group(settings, whose), [place])
    return found[place].metadata or None


def _place(settings: Settings) -> TopicPartition:
    return TopicPartition(Topics(settings).regroup.name, 0)


def _group(settings: Settings, whose: str) -> str:
    return f"{settings.topic_prefix}{settings.generation}.{whose}"
