"""A topic whose records are worked off some time after they were sent.

All records of a partition wait equally long, so that they are due in the order in which they lie
there: none is held up by one that waits longer, none has to be sent again to let others pass, and what
is committed says all. A partition whose first record is not due is paused and looked at when it is, so
that memory holds one batch and whatever was fetched ahead, however much waits.

A consumer of its own, not a Faust agent: an agent that sits on a message holds up every rebalance.
Here a partition can go at any time; what was in hand is done once more by whoever gets it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from streams.brokers.client import new_consumer, stop_consumer
from streams.brokers.failures import broker_errors
from streams.brokers.reader import message_of
from streams.brokers.topics import MESSAGE_BYTES
from streams.events import Message
from streams.settings import Settings

__all__ = ["WaitingTopic", "doubled"]

_AT_ONCE: Final = 32
_LONGEST_POLL_S: Final = 1.0
_SHORTEST_POLL_S: Final = 0.01
_DAY_S: Final = 86_400.0

_log = logging.getLogger(__name__)

Process = Callable[[Sequence[Message]], Awaitable[None]]
"""Finishes a batch or raises."""


def doubled(first_s: float, times: int) -> list[float]:
    """So many delays, each twice as long as the one before, up to a day."""
    return [min(first_s * 2**n, _DAY_S) for n in range(times)]


class WaitingTopic(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Reads a topic as a member of a group: `async with WaitingTopic(...) as topic`, then `topic.run(process)`.

    Args:
        settings: where the brokers are.
        name: of the topic.
        group: commits are kept under this name.
        delays_s: how long the records of each partition wait; further partitions as long as the last.
    """

    def __init__(self, settings: Settings, name: str, group: str, delays_s: Sequence[float]) -> None:
        self._settings, self._name, self._group, self._delays_s = settings, name, group, delays_s
        self._wakes: dict[TopicPartition, float] = {}

    async def __aenter__(self) -> Self:
        """Connect; the group is joined by `run`.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        self._consumer = new_consumer(
            self._settings,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MESSAGE_BYTES,
            session_timeout_ms=int(self._settings.session_timeout_s * 1000),
            heartbeat_interval_ms=int(self._settings.session_timeout_s * 1000 / 6),
            rebalance_timeout_ms=int(self._settings.session_timeout_s * 2000),
        )
        try:
            with broker_errors(self._settings):
                await self._consumer.start()
        except BaseException:
            await stop_consumer(self._consumer)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the group."""
        await stop_consumer(self._consumer)

    async def run(self, process: Process) -> None:
        """Hand over what is due, a batch at a time, for ever; a batch is committed when it is done.

        It may be cancelled at any time.

        Raises:
            BrokerUnavailableError: no broker answers.
            Exception: what the process raises.
        """
        self._consumer.subscribe([self._name], listener=self)
        while True:
            due = await self._due()
            if due:
                await process([message_of(record) for records in due.values() for record in records])
                await self._commit({partition: records[-1].offset + 1 for partition, records in due.items()})

    async def on_partitions_revoked(self, _revoked: Collection[TopicPartition]) -> None:
        """Whoever gets them waits for himself."""
        self._wakes.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """They are not paused, and begin at what is committed."""
        self._wakes.clear()
        _log.info("'%s' reads %d partitions of '%s'", self._group, len(assigned), self._name)

    async def _due(self) -> dict[TopicPartition, list[Any]]:
        """What is due by now, after a short wait for it."""
        now = time.monotonic()
        for partition in [one for one, wake in self._wakes.items() if wake <= now]:
            del self._wakes[partition]
            self._consumer.resume(partition)
        wait_s = min([_LONGEST_POLL_S, *(wake - now for wake in self._wakes.values())])
        with broker_errors(self._settings):
            found = await self._consumer.getmany(
                timeout_ms=int(max(wait_s, _SHORTEST_POLL_S) * 1000), max_records=_AT_ONCE
            )
        return {partition: due for partition, records in found.items() if (due := self._split(partition, records))}

    def _split(self, partition: TopicPartition, records: Sequence[Any]) -> list[Any]:
        """The records that are due; the partition sleeps until the next one is."""
        due = list(takewhile(lambda record: self._wait_s(record) <= 0, records))
        if len(due) < len(records):
            first = records[len(due)]
            self._consumer.seek(partition, first.offset)
            self._consumer.pause(partition)
            self._wakes[partition] = time.monotonic() + self._wait_s(first)
        return due

    def _wait_s(self, record: Any) -> float:
        delay_s: float = self._delays_s[min(record.partition, len(self._delays_s) - 1)]
        return float(record.timestamp) / 1000 + delay_s - time.time()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        # Whose partition went in the meantime did its work for nothing, and no harm.
        with broker_errors(self._settings), suppress(CommitFailedError, IllegalStateError):
            await self._consumer.commit(dict(offsets))
