"""The whole pipeline over some listings, from start to drained, watched from outside.

It uses what anybody can: it publishes to the topics, asks how far the stages are, and reads the public
topic. The work is done by a worker in a process of its own, started again if it ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from streams.brokers.feeding import feed
from streams.brokers.lag import LagReader
from streams.brokers.reader import end_offsets, read_records
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.events import Match, MatchEvent, Message
from streams.settings import Settings

_LOOK_EVERY_S = 0.2


class Watcher(Protocol):
    """Is told how far a run is."""

    def published(self, listings: int) -> None:
        """So many listings have been published."""

    def told(self, listings: int) -> None:
        """The lists of so many listings are known."""

    def behind(self, lags: Mapping[str, int]) -> None:
        """How many messages each stage still has to read."""


@dataclass(slots=True)
class Told:
    """What a subscriber of `matches` knows, and how far it has read."""

    lists: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    events: int = 0
    read: dict[int, int] = field(default_factory=dict)

    async def follow(self, settings: Settings, on_news: Callable[[int], None]) -> None:
        """Read the topic from its beginning until cancelled."""
        async with aclosing(read_records(settings, Topics(settings).matches.name)) as records:
            async for record in records:
                self._apply(MatchEvent.from_bytes(record.key, record.value))
                self.read[record.partition] = record.offset + 1
                on_news(len(self.lists))

    async def up_to(self, ends: Mapping[int, int]) -> None:
        """Wait until it has read up to these offsets, by partition."""
        while any(self.read.get(partition, 0) < end for partition, end in ends.items()):  # noqa: ASYNC110 - a look now and then is enough
            await asyncio.sleep(_LOOK_EVERY_S)

    def _apply(self, event: MatchEvent) -> None:
        self.events += 1
        if event.matches is None:
            self.lists.pop(event.listing_id, None)
        else:
            self.lists[event.listing_id] = event.matches


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to.

    Args:
        lists: the match list of every listing.
        events: match events on the way there.
        run_s: from the first listing published to a worker that is ready until every stage was drained.
    """

    lists: Mapping[str, tuple[Match, ...]]
    events: int
    run_s: float


async def run_pipeline(messages: Sequence[Message], settings: Settings, log: Path, watcher: Watcher) -> Outcome:
    """Publish the messages, wait until every stage is drained, and say what subscribers then know.

    Args:
        messages: for the topic `listings` of these settings.
        settings: of the worker, its broker and its index, with a heartbeat file; the topics are there.
        log: file for the worker's log.
        watcher: is told how far it is.

    Raises:
        WorkerEndedError: the worker keeps ending.
    """
    async with LocalWorker(settings, log) as worker:
        return await run_beside(worker, messages, settings, watcher)


async def run_beside(worker: LocalWorker, messages: Sequence[Message], settings: Settings, watcher: Watcher) -> Outcome:
    """The same with a worker that was started, and goes on afterwards.

    Raises:
        WorkerEndedError: the worker keeps ending.
    """
    told = Told()
    work = asyncio.create_task(_feed_and_drain(messages, settings, told, watcher))
    others: list[asyncio.Task[None]] = [
        asyncio.create_task(told.follow(settings, watcher.told)),
        asyncio.create_task(worker.given_up()),
    ]
    try:
        await asyncio.wait({work, *others}, return_when=asyncio.FIRST_COMPLETED)
        for one in others:
            if one.done():
                one.result()
        return Outcome(dict(told.lists), told.events, await work)
    finally:
        for task in (work, *others):
            task.cancel()
        await asyncio.gather(work, *others, return_exceptions=True)


async def _feed_and_drain(messages: Sequence[Message], settings: Settings, told: Told, watcher: Watcher) -> float:
    """How many seconds it took a worker that was ready."""
    while settings.heartbeat_file is not None and not settings.heartbeat_file.exists():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(_LOOK_EVERY_S)
    start, number = time.perf_counter(), count(1)
    await feed(settings, messages, on_sent=lambda _sent: watcher.published(next(number)))
    async with LagReader(settings) as reader:
        while not await reader.drained():
            watcher.behind({str(lag.stage): lag.lag for lag in await reader.lags()})
            await asyncio.sleep(_LOOK_EVERY_S)
    await told.up_to(await end_offsets(settings, Topics(settings).matches.name))
    return time.perf_counter() - start
