"""How long a listing takes from being published to its first match event, while listings come evenly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import end_offsets
from streams.brokers.topics import Topics
from streams.cli.bench.runs import Pipeline, until
from streams.cli.pipeline import Told
from streams.events import Message
from streams.settings import Settings

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}


@dataclass(frozen=True, slots=True)
class Latencies:
    """What a subscriber saw.

    Args:
        per_s: listings published a second.
        seconds: of each listing, from its turn to be published to its first event; matching nobody is news, too.
        unheard: listings without any event, though every stage was drained.
        partitions: of each topic.
    """

    per_s: float
    seconds: Sequence[float]
    unheard: int
    partitions: int

    def quantiles(self) -> dict[str, float]:
        """By name, in seconds; none if nothing was heard."""
        if not self.seconds:
            return {}
        return {name: float(np.quantile(self.seconds, share)) for name, share in QUANTILES.items()}


async def latencies(pipeline: Pipeline, messages: Sequence[Message], per_s: float) -> Latencies:
    """Publish listings that are new to this pipeline, so many a second, and wait for an event of each.

    Raises:
        WorkerEndedError: the worker keeps ending.
        BrokerUnavailableError: the broker went away.
    """
    found: list[Latencies] = []

    async def measure() -> None:
        found.append(await _measure(pipeline.settings, messages, per_s))

    await pipeline.worker.while_it_runs(measure())
    return found[0]


async def _measure(settings: Settings, messages: Sequence[Message], per_s: float) -> Latencies:
    told, heard = Told(), dict[str, float]()

    def note(_listings: int) -> None:
        # The newest key is the last listing that was heard of for the first time.
        heard.setdefault(next(reversed(told.lists)), time.perf_counter())

    async def publish() -> dict[str, float]:
        await told.up_to(await _ends(settings))  # it knows what was before, so nothing of that is counted
        due = await _publish_evenly(settings, messages, per_s)
        await _all_told(settings, due, heard)
        await told.up_to(await _ends(settings))
        return due

    work, subscriber = asyncio.create_task(publish()), asyncio.create_task(told.follow(settings, note))
    try:
        await asyncio.wait({work, subscriber}, return_when=asyncio.FIRST_COMPLETED)
        if subscriber.done():
            subscriber.result()
        due = await work
    finally:
        for task in (work, subscriber):
            task.cancel()
        await asyncio.gather(work, subscriber, return_exceptions=True)
    seconds = [heard[one] - at for one, at in due.items() if one in heard]
    return Latencies(per_s, seconds, len(due) - len(seconds), settings.partitions)


async def _publish_evenly(settings: Settings, messages: Sequence[Message], per_s: float) -> dict[str, float]:
    """When each listing's turn was: one that had to wait for the publisher waited."""
    due: dict[str, float] = {}
    async with Publisher(settings) as publisher:
        start = time.perf_counter()
        for number, message in enumerate(messages):
            turn = start + number / per_s
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
            due[(message.key or b"").decode()] = turn
            await publisher.send(message.topic, message.key, message.value, message.headers)
    return due


async def _all_told(settings: Settings, due: Mapping[str, float], heard: Mapping[str, float]) -> None:
    """Wait for an event of each, or until nothing is in work any more."""
    async with LagReader(settings) as reader:

        async def nothing_left() -> bool:
            return due.keys() <= heard.keys() or await reader.drained()

        await until(nothing_left)


async def _ends(settings: Settings) -> dict[int, int]:
    return await end_offsets(settings, Topics(settings).matches.name)
