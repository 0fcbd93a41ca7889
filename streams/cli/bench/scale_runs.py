"""Measurements of `matchstream bench scale`: stages in several processes, and each stage by itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from streams.brokers.topics import StageName
from streams.cli.bench.alone import EncodersAlone
from streams.cli.bench.crew import Crew, crew
from streams.cli.bench.load import Load
from streams.cli.bench.runs import place_of
from streams.cli.bench.scraped import Scraped
from streams.cli.places import scratch_folder
from streams.settings import Settings

ALL_STAGES = tuple(StageName)
WITHOUT_PEOPLE = (StageName.EMBED, StageName.INDEX, StageName.BLEND, StageName.MATCH, StageName.GROUP)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one stage took, alone in a process.

    Args:
        messages: that it dealt with.
        processor_ms: for each message, where the system tells.
        clock_ms: for each, in which a batch was in hand.
    """

    messages: float
    processor_ms: float | None
    clock_ms: float


@dataclass(frozen=True, slots=True)
class Scale:
    """What is measured, and on what.

    Args:
        settings: of the broker and the index.
        load: the listings.
        most: workers, and partitions of each topic.
    """

    settings: Settings
    load: Load
    most: int
    stages: tuple[StageName, ...] = field(default=(StageName.EMBED,))

    def warm_up(self, workers: int) -> int:
        """So many of the listings come first and do not count, neither of workers nor of bare encoders."""
        return min(len(self.load.lines) // 4, self.settings.batch_size * workers)

    def alone(self, processes: int) -> float:
        """Listings a second of bare encoders in so many processes."""
        listings = [line.event.listing for line in self.load.lines if line.event.listing is not None]
        counted = listings[self.warm_up(processes) :]
        with EncodersAlone(self.settings, counted, self.load.images, processes) as alone:
            return alone.measure().per_s

    async def staged(self, workers: int) -> float:
        """Listings a second of so many workers that run the stages."""
        found: list[float] = []
        settings = self.settings.model_copy(update={"partitions": self.most})
        async with (
            scratch_folder() as folder,
            place_of(settings, folder, embedded=False) as here,
            crew(here, folder, workers, self.stages) as all_,
        ):
            await all_.while_all_run(self._measure(all_, found))
        return found[0]

    async def _measure(self, all_: Crew, found: list[float]) -> None:
        messages = self.load.messages(all_.settings)
        warm = self.warm_up(len(all_.workers))
        await self._through(all_, 0, warm)
        began = time.perf_counter()
        await self._through(all_, warm, len(messages))
        found.append((len(messages) - warm) / (time.perf_counter() - began))

    async def _through(self, all_: Crew, first: int, end: int) -> None:
        await all_.publish(self.load.messages(all_.settings)[first:end])
        if self.stages == (StageName.EMBED,):
            await all_.until_embedded(end)
        else:
            await all_.until_drained()

    async def by_stage(self) -> dict[StageName, Cost]:
        """Each stage after the one before it, alone in a process, on all that is there for it."""
        costs: dict[StageName, Cost] = {}
        async with scratch_folder() as folder, place_of(self.settings, folder, embedded=False) as here:
            for stage in WITHOUT_PEOPLE:
                async with crew(here, folder, 1, [stage]) as one:
                    await one.while_all_run(self._stage(stage, one, costs))
        return costs

    async def _stage(self, stage: StageName, one: Crew, costs: dict[StageName, Cost]) -> None:
        (before,) = await one.scraped()
        if stage is StageName.EMBED:
            await one.publish(self.load.messages(one.settings))
        await one.until_done(stage)
        (after,) = await one.scraped()
        costs[stage] = cost_of(stage, before, after)


def cost_of(stage: StageName, before: Scraped, after: Scraped) -> Cost:
    """Of what was done between two looks at a worker; what it takes to begin does not count."""
    total = after.messages.get(stage, 0.0)
    messages = max(1.0, total - before.messages.get(stage, 0.0))
    seconds = after.batch_s.get(stage, 0.0) - before.batch_s.get(stage, 0.0)
    used = None if after.processor_s is None or before.processor_s is None else after.processor_s - before.processor_s
    return Cost(total, None if used is None else 1000 * used / messages, 1000 * seconds / messages)
