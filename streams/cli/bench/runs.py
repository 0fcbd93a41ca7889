"""One run of the whole pipeline for a benchmark: a place and a worker of its own, warm before the clock runs."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from encoders.bundle import read_bundle
from streams.benchmarks.processor import all_processors_s, less, processor_s
from streams.brokers.client import ensure_reachable
from streams.brokers.local_kafka import LocalKafka
from streams.brokers.processes import free_port
from streams.cli.bench.scraped import scrape
from streams.cli.local_worker import LocalWorker
from streams.cli.pipeline import run_beside
from streams.cli.places import configured_place, embedded_place, scratch_folder
from streams.events import Message
from streams.index.opening import live_collection
from streams.settings import Settings

_LOOK_EVERY_S = 0.1


class Silent:
    """Watches a run and says nothing."""

    def published(self, listings: int) -> None:
        """Nothing."""

    def told(self, listings: int) -> None:
        """Nothing."""

    def behind(self, lags: Mapping[str, int]) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Listings going through a pipeline that is warm.

    Args:
        listings: how many.
        seconds: from the first one published to every stage drained.
        worker_s: of the processor, used by the worker; None where that is not known.
        broker_s: likewise, by a Kafka that `make kafka` started.
        command_s: likewise, by this command, which publishes, looks how far it is, and reads `matches`.
        in_hand: of each stage, the share of the seconds in which it had a batch in hand; of two at a time, each counts.
    """

    listings: int
    seconds: float
    worker_s: float | None
    broker_s: float | None
    command_s: float
    in_hand: Mapping[str, float] = field(default_factory=dict)

    @property
    def per_s(self) -> float:
        """Listings a second."""
        return self.listings / self.seconds

    def processor_ms(self) -> dict[str, float]:
        """Milliseconds of processors for each listing, of whom they are known."""
        used = {"worker": self.worker_s, "broker": self.broker_s, "command": self.command_s}
        return {name: 1000 * one / self.listings for name, one in used.items() if one is not None}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A worker that runs, with its broker and its index.

    Args:
        settings: of its place.
        worker: that runs every stage.
    """

    settings: Settings
    worker: LocalWorker

    async def run(self, messages: Sequence[Message]) -> Stretch:
        """Publish these and wait until every stage is drained.

        Raises:
            WorkerEndedError: the worker keeps ending.
        """
        before, counted = self._used(), await scrape(self.settings)
        outcome = await run_beside(self.worker, messages, self.settings, Silent())
        worker, broker, command = (less(*both) for both in zip(self._used(), before, strict=True))
        later = await scrape(self.settings)
        in_hand = {name: (s - counted.batch_s.get(name, 0.0)) / outcome.run_s for name, s in later.batch_s.items()}
        return Stretch(len(messages), outcome.run_s, worker, broker, command or 0.0, in_hand)

    def _used(self) -> tuple[float | None, float | None, float | None]:
        return all_processors_s(self.worker.process_id), processor_s(kafka_process(self.settings)), time.process_time()


async def ensure_ready(settings: Settings, *, embedded: bool) -> None:
    """Return when bundle, broker and index are there, before anything is measured.

    Raises:
        BundleError: the bundle can't be used.
        BrokerUnavailableError: no broker answers.
        IndexUnavailableError: the index server does not answer.
    """
    read_bundle(settings.bundle)
    if not embedded:
        await ensure_reachable(settings)
        if settings.index == "server":
            await live_collection(settings)


@asynccontextmanager
async def pipeline(settings: Settings, *, embedded: bool) -> AsyncIterator[Pipeline]:
    """A pipeline in a place of its own, gone afterwards; its worker has come to work.

    Raises:
        BundleError: the bundle can't be used.
        BrokerUnavailableError: no broker answers.
        IndexUnavailableError: the index server does not answer.
        WorkerEndedError: the worker does not come to work.
    """
    async with (
        scratch_folder() as folder,
        place_of(settings, folder, embedded=embedded) as here,
        LocalWorker(here, folder / "worker.log") as worker,
    ):
        await worker.while_it_runs(at_work(here))
        yield Pipeline(here, worker)


def place_of(settings: Settings, folder: Path, *, embedded: bool) -> AbstractAsyncContextManager[Settings]:
    """The broker in memory, or topics under a prefix that nobody else has on the broker of the settings."""
    port = free_port()
    if embedded:
        return embedded_place(settings, folder, health_port=port)
    prefix = f"{settings.topic_prefix}bench-{secrets.token_hex(4)}."
    return configured_place(settings, folder, topic_prefix=prefix, health_port=port)


async def at_work(settings: Settings) -> None:
    """Wait until a worker with these settings touches its file."""

    async def touched() -> bool:
        return settings.heartbeat_file is None or settings.heartbeat_file.exists()

    await until(touched)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that tells nobody when it comes."""
    while not await condition():  # noqa: ASYNC110 - brokers and files have no event for us
        await asyncio.sleep(_LOOK_EVERY_S)


def kafka_process(settings: Settings) -> int | None:
    """The process id of the broker, where `make kafka` started it in this folder."""
    kafka = LocalKafka()
    return kafka.process_id if kafka.address == settings.brokers else None
