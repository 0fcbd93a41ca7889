"""How far each stage is behind, and whether everything published so far has gone through all of them.

Nothing here joins a group, so asking never moves a partition from one worker to another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.brokers.client import admin_client, new_consumer, partition_counts, stop_consumer
from streams.brokers.commits import committed
from streams.brokers.failures import broker_errors
from streams.brokers.peeking import nothing_between
from streams.brokers.topics import REFETCH, Topic, Topics, group_of
from streams.settings import Settings

__all__ = ["LagReader", "PartitionLag", "StageLag", "drained", "refetch_lag", "stage_lags"]

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One partition of a stage's input.

    Args:
        end: the offset the next record will get.
        committed: the offset the stage will go on from; None if it never committed.
        lag: how many offsets lie before the stage. The end of a transaction takes one too, so it
            can stay at a few where `LagReader.drained` knows that nothing is left.
    """

    partition: int
    end: int
    committed: int | None
    lag: int


@dataclass(frozen=True, slots=True)
class StageLag:
    """How far one stage is behind in the topic it reads.

    Args:
        stage: its name, or `REFETCH`; there the lag is how many photos are waited for.
    """

    stage: str
    topic: str
    group: str
    partitions: tuple[PartitionLag, ...]

    @property
    def lag(self) -> int:
        """Messages not yet acknowledged, over all partitions."""
        return sum(partition.lag for partition in self.partitions)


class LagReader:
    """Reads offsets over connections that stay open: `async with LagReader(settings) as reader`.

    Args:
        settings: where the brokers are, and which topics.
        photos: whether those that are to be fetched again count as work: they may wait for days.
    """

    def __init__(self, settings: Settings, *, photos: bool = False) -> None:
        self._settings = settings
        topics = Topics(settings)
        self._inputs: dict[str, Topic] = dict(topics.inputs().items())
        if photos:
            self._inputs[REFETCH] = topics.refetch
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerUnavailableError: no broker answers.
            TopicMissingError: a stage's input does not exist.
        """
        async with AsyncExitStack() as resources:
            self._admin: AIOKafkaAdminClient = await resources.enter_async_context(admin_client(self._settings))
            self._consumer = new_consumer(self._settings, enable_auto_commit=False, fetch_max_wait_ms=100)
            resources.push_async_callback(stop_consumer, self._consumer)
            with broker_errors(self._settings):
                await self._consumer.start()
                self._partitions = await self._find_partitions()
            self._resources = resources.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    async def lags(self) -> list[StageLag]:
        """The lag of each stage, in the order of the flow.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self._settings):
            first = await self._consumer.beginning_offsets(self._all)
            committed = await self._committed()
            ends = await self._consumer.end_offsets(self._all)
            return [self._stage_lag(stage, first, committed, ends) for stage in self._inputs]

    async def drained(self) -> bool:
        """Whether every listing published so far has gone through every stage.

        Ends are read, then commits, then ends again. When all three agree there was a moment, after
        the commits were read, when each input ended where its stage had acknowledged. A stage
        acknowledges only after all it sends on is in Kafka, so at that moment nothing was in work.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        with broker_errors(self._settings):
            before = await self._consumer.end_offsets(self._all)
            first = await self._consumer.beginning_offsets(self._all)
            committed = await self._committed()
            behind = {
                partition: _position(committed[partition], first[partition])
                for partition in self._all
                if _position(committed[partition], first[partition]) < before[partition]
            }
            if not await nothing_between(self._consumer, behind, before):
                return False
            return bool(before == await self._consumer.end_offsets(self._all))

    async def nothing_left(self, stage: str, one: PartitionLag) -> bool:
        """Whether a lag of that stage is of offsets that hold nothing to read.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        partition = TopicPartition(self._inputs[stage].name, one.partition)
        with broker_errors(self._settings):
            return await nothing_between(self._consumer, {partition: one.end - one.lag}, {partition: one.end})

    @property
    def _all(self) -> list[TopicPartition]:
        return [partition for partitions in self._partitions.values() for partition in partitions]

    async def _find_partitions(self) -> dict[str, list[TopicPartition]]:
        counts = await partition_counts(self._admin, [topic.name for topic in self._inputs.values()])
        return {
            stage: [TopicPartition(topic.name, number) for number in range(counts[topic.name])]
            for stage, topic in self._inputs.items()
        }

    async def _committed(self) -> dict[TopicPartition, int]:
        """The committed offset of each partition; -1 where there is none."""
        answers = await asyncio.gather(*(self._group_offsets(stage) for stage in self._inputs))
        return {partition: offset for answer in answers for partition, offset in answer.items()}

    async def _group_offsets(self, stage: str) -> dict[TopicPartition, int]:
        found = await committed(self._admin, group_of(self._settings, stage), self._partitions[stage])
        return {partition: one.offset for partition, one in found.items()}

    def _stage_lag(
        self,
        stage: str,
        first: Offsets,
        committed: Offsets,
        ends: Offsets,
    ) -> StageLag:
        lags = tuple(
            PartitionLag(
                partition=one.partition,
                end=ends[one],
                committed=committed[one] if committed[one] >= 0 else None,
                lag=max(0, ends[one] - _position(committed[one], first[one])),
            )
            for one in self._partitions[stage]
        )
        return StageLag(stage, self._inputs[stage].name, group_of(self._settings, stage), lags)


async def stage_lags(settings: Settings) -> list[StageLag]:
    """The lag of each stage, asked once; see `LagReader` to ask repeatedly."""
    async with LagReader(settings) as reader:
        return await reader.lags()


async def refetch_lag(settings: Settings) -> int:
    """How many photos are waited for, asked once. `LagReader(settings, photos=True)` waits for them with the rest."""
    async with LagReader(settings, photos=True) as reader:
        return next(one.lag for one in await reader.lags() if one.stage == REFETCH)


async def drained(settings: Settings) -> bool:
    """Whether everything published so far has gone through, asked once; see `LagReader.drained`."""
    async with LagReader(settings) as reader:
        return await reader.drained()


def _position(committed: int, first: int) -> int:
    # Without a commit, or with one that retention has overtaken, a stage begins at the first record there is.
    return max(committed, first)
