"""How far the stages are, over connections that are opened when they are needed, and anew after a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from streams.brokers.lag import LagReader, PartitionLag
from streams.brokers.topics import StageName
from streams.settings import Settings

Lags = Mapping[StageName, Collection[PartitionLag]]
"""Of each stage the partitions that were asked for."""


class LagSource:
    """Where lags come from: `await source.lags(partitions)`, and `await source.close()` in the end.

    Args:
        settings: of the worker.
        open_reader: who asks Kafka.
    """

    def __init__(self, settings: Settings, open_reader: Callable[[Settings], LagReader] = LagReader) -> None:
        """Connect to nothing yet."""
        self._settings, self._open_reader = settings, open_reader
        self._resources = AsyncExitStack()
        self._reader: LagReader | None = None
        self._known: dict[tuple[StageName, int], tuple[PartitionLag, bool | None]] = {}

    async def lags(self, partitions: Mapping[StageName, Collection[int]]) -> Lags:
        """Those of these partitions.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        try:
            reader = await self._connected()
            of_stages = {lag.stage: lag.partitions for lag in await reader.lags()}
            return {
                stage: [await self._looked_into(reader, stage, one) for one in of_stages[stage] if one.partition in own]
                for stage, own in partitions.items()
            }
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the connections."""
        self._reader = None
        resources, self._resources = self._resources, AsyncExitStack()
        await resources.aclose()

    async def _connected(self) -> LagReader:
        if self._reader is None:
            self._reader = await self._resources.enter_async_context(self._open_reader(self._settings))
        return self._reader

    async def _looked_into(self, reader: LagReader, stage: StageName, one: PartitionLag) -> PartitionLag:
        """A lag that stands still may be the end of a transaction, which nobody can acknowledge: then there is none."""
        before, unreadable = self._known.get((stage, one.partition), (None, None))
        if before != one:
            unreadable = None
        elif one.lag and unreadable is None:
            unreadable = await reader.nothing_left(stage, one)
        self._known[stage, one.partition] = (one, unreadable)
        return replace(one, lag=0) if unreadable else one
