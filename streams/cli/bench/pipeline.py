"""`matchstream bench pipeline`: the whole pipeline beside the encoders alone, and how long one listing takes."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from encoders.bundle import read_bundle
from streams.benchmarks import in_turns
from streams.cli.bench.alone import EncodersAlone
from streams.cli.bench.latency import Latencies, latencies
from streams.cli.bench.load import Load, check_photos, load_of
from streams.cli.bench.pipeline_told import ALONE, PIPELINE, Measured, Prices, report_of
from streams.cli.bench.runs import Pipeline, ensure_ready, pipeline
from streams.cli.bench.shown import Json, Rounds, tell
from streams.cli.bench.traffic import Left, stored_in, traffic_of
from streams.cli.console import err
from streams.events import Message
from streams.settings import Settings, load_settings

File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="Listings to publish, as for `match`; without it, invented ones."),
]
Images = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder that image paths are relative to.")]
Listings = Annotated[int, typer.Option(metavar="N", min=2, help="How many listings at most.")]
Embedded = Annotated[
    bool, typer.Option("--embedded", help="On a broker in memory and an embedded index, gone afterwards.")
]


def bench_pipeline(  # noqa: PLR0913 - each option is one choice of the user's
    file: File = None,
    images: Images = None,
    *,
    listings: Listings = 2000,
    rounds: Rounds = 3,
    embedded: Embedded = False,
    latency_s: Annotated[
        float, typer.Option(metavar="S", min=0, help="Measure latency at half load for so long; 0 leaves it out.")
    ] = 30.0,
    json: Json = None,
) -> None:
    """Measure listings a second, from the first one published to every stage drained, with one worker.

    In turns with the encoders alone, on the same listings, in a process of their own. On the broker and the
    index of the settings, under topics and a collection that are removed again. Then listings are published
    evenly, half as many a second, to see how long each takes to its first match event.
    """
    asyncio.run(ensure_ready(load_settings(), embedded=embedded))
    with load_of(file, images, listings) as load:
        settings = load_settings(**({} if load.images is None else {"image_root": load.images}))
        check_photos(load, settings)
        bench = _Bench(settings, load, embedded=embedded)
        measured = bench.measure(rounds, latency_s)
    options = {"listings": listings, "rounds": rounds, "embedded": embedded, "latency_s": latency_s}
    tell(report_of(measured, options), json)


@dataclass
class _Bench:
    settings: Settings
    load: Load
    embedded: bool
    processor_ms: dict[str, list[float]] = field(default_factory=dict)
    in_hand: dict[str, list[float]] = field(default_factory=dict)
    price_ms: list[float] = field(default_factory=list)
    prices_per_s: list[float] = field(default_factory=list)

    @property
    def warm_up(self) -> int:
        """So many of the listings come first and do not count: models, connections and groups come to rest."""
        return min(self.settings.batch_size, len(self.load.lines) // 4)

    def measure(self, rounds: int, latency_s: float) -> Measured:
        bundle = read_bundle(self.settings.bundle)
        counted = [line.event.listing for line in self.load.lines[self.warm_up :] if line.event.listing is not None]
        with EncodersAlone(self.settings, counted, self.load.images) as alone:
            cases = {ALONE: lambda: self._alone(alone), PIPELINE: lambda: asyncio.run(self._pipeline())}
            per_s = in_turns(cases, rounds, uncounted=0, on_measured=_tell_progress)
        prices = Prices(self.prices_per_s, self.price_ms)
        measured = Measured(
            self.settings, bundle, self.load, len(counted), per_s, self.processor_ms, self.in_hand, prices
        )
        if not latency_s:
            return measured
        at_half, left = asyncio.run(self._latency(statistics.median(per_s[PIPELINE]) / 2, latency_s))
        return replace(measured, latencies=at_half, left=left)

    def _alone(self, alone: EncodersAlone) -> float:
        encoded = alone.measure()
        self.processor_ms.setdefault(ALONE, []).append(1000 * encoded.processor_s / encoded.listings)
        return encoded.per_s

    async def _pipeline(self) -> float:
        async with pipeline(self.settings, embedded=self.embedded) as running:
            counted = await self._after_warm_up(running)
            done = await running.run(counted)
            prices = await running.run(self.load.repriced(running.settings))
        for kept, found in ((self.processor_ms, done.processor_ms()), (self.in_hand, done.in_hand)):
            for name, each in found.items():
                kept.setdefault(name, []).append(each)
        self.price_ms.append(prices.processor_ms().get("worker", 0.0))
        self.prices_per_s.append(prices.per_s)
        return done.per_s

    async def _latency(self, per_s: float, seconds: float) -> tuple[Latencies, Left]:
        """In an index that holds the other listings already."""
        async with pipeline(self.settings, embedded=self.embedded) as running:
            counted = await self._after_warm_up(running)
            new = min(max(1, round(per_s * seconds)), max(1, len(counted) // 2))
            await running.run(counted[:-new])
            err.print(f"publishing {per_s:.1f} listings a second, {new} in all")
            found = await latencies(running, counted[-new:], per_s)
            topics, stored = await traffic_of(running.settings), await stored_in(running.settings)
            await running.run(self.load.repriced(running.settings))
            return found, Left(topics, await traffic_of(running.settings), stored)

    async def _after_warm_up(self, running: Pipeline) -> list[Message]:
        messages = self.load.messages(running.settings)
        await running.run(messages[: self.warm_up])
        return messages[self.warm_up :]


def _tell_progress(name: str, per_s: float) -> None:
    err.print(f"{name}: {per_s:.1f} listings/s")
