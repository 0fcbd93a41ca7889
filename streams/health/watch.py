"""What a worker knows of its own health: of each stage, of the index, of Kafka."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from streams.brokers.topics import StageName
from streams.health.asked import Asked
from streams.health.lags import Lags, LagSource
from streams.health.progress import Progress
from streams.health.pulse import Clock, Pulse
from streams.index.port import Index
from streams.settings import Settings

_EVERY_S: Final = 5.0
_INDEX_WITHIN_S: Final = 5.0
_KAFKA_WITHIN_S: Final = 15.0
_COUNT_EVERY: Final = 12
"""Looks; a server may have to go through all its points."""
_COUNT_WITHIN_S: Final = 60.0
_NOBODY: Final = "matchstream/health"
"""The listing that is asked for; it does not matter whether there is one."""


@dataclass
class Watch:
    """Looks at a worker every few seconds, so that a page has nothing to ask, however often it is asked for.

    Args:
        generation: of the worker.
        hang_s: see `Settings.health_hang_s`.
        pulses: of each stage that it runs.
        progress: likewise.
        clock: seconds.
    """

    generation: str
    hang_s: float
    pulses: dict[StageName, Pulse]
    progress: dict[StageName, Progress]
    clock: Clock = time.monotonic
    index: Asked[bool] = field(init=False)
    kafka: Asked[Lags] = field(init=False)
    points: Asked[int] = field(init=False)

    def __post_init__(self) -> None:
        """Nobody was asked yet."""
        self.index = Asked("the index", _INDEX_WITHIN_S, self.clock)
        self.kafka = Asked("Kafka", _KAFKA_WITHIN_S, self.clock)
        self.points = Asked("the index, asked how many points it has,", _COUNT_WITHIN_S, self.clock)

    @classmethod
    def of(cls, settings: Settings, stages: Iterable[StageName], clock: Clock = time.monotonic) -> Self:
        """For a worker that is about to run these stages."""
        chosen = list(stages)
        return cls(
            settings.generation,
            settings.health_hang_s,
            {stage: Pulse(clock) for stage in chosen},
            {stage: Progress(settings.health_stall_s) for stage in chosen},
            clock,
        )

    async def run(self, index: Index, settings: Settings, every_s: float = _EVERY_S) -> None:
        """Look until cancelled."""
        source = LagSource(settings)
        try:
            await asyncio.gather(
                _again_and_again(lambda: self.look_at_index(index), every_s),
                _again_and_again(lambda: self.look_at_lags(source), every_s),
                _again_and_again(lambda: self.count_points(index), every_s * _COUNT_EVERY),
            )
        finally:
            await source.close()

    async def look_at_index(self, index: Index) -> None:
        """Whether it answers the least that it can be asked."""

        async def read() -> bool:
            await index.read([_NOBODY])
            return True

        await self.index.once(read)

    async def count_points(self, index: Index) -> None:
        """How many there are."""
        await self.points.once(index.count)

    async def look_at_lags(self, source: LagSource) -> None:
        """How far the stages are in the partitions that this worker reads."""
        own = {stage: pulse.partitions for stage, pulse in self.pulses.items() if pulse.partitions is not None}
        found = await self.kafka.once(lambda: source.lags(own))
        for stage, lags in (found or {}).items():
            if (
                self.pulses[stage].partitions == own[stage]
            ):  # else there was a rebalance in between: the next look tells
                self.progress[stage].look(lags, self.clock())


async def _again_and_again(look: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await look()
        await asyncio.sleep(every_s)
