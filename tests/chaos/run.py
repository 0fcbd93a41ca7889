"""One run: traffic and faults side by side, then quiet, then everything is looked at."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chaos.checks import Findings, look_at
from chaos.faults import KINDS, Fault, name_of
from chaos.recovery import Monitor
from chaos.remote_index import RemoteIndex
from chaos.seller import Seller
from chaos.traffic import Traffic
from chaos.world import World, world
from encoders.bundle import read_bundle
from streams.brokers.lag import LagReader
from streams.brokers.topics import Topics
from streams.index.opening import open_existing_index
from streams.index.port import Index
from streams.settings import Settings

_BACKLOG: Final = 400
"""Listings that may wait to be embedded before sellers pause: a run is bounded by what the machine can do."""
_AHEAD: Final = 0.02
_RECOVERS_WITHIN_S: Final = 120.0
_OVERLAP: Final = 0.25
_DRAINS_WITHIN_S: Final = 1_800.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a run is to do.

    Args:
        events: messages published.
        faults: at least so many are injected.
        listings: how many there are, about.
        deadly: messages that end the process which embeds them.
        seed: of the traffic and of the faults.
        server: address of a Qdrant server; None uses an index host.
    """

    events: int
    faults: int
    listings: int
    deadly: int
    seed: int
    server: str | None = None


@dataclass
class Injected:
    """One fault.

    Args:
        kind: in words.
        seconds: from breaking to mending.
        recovered_s: from mending until every stage was seen to work; None if that took too long.
    """

    kind: str
    seconds: float
    recovered_s: float | None = None


@dataclass
class Record:
    """What a run was.

    Args:
        plan: what it was to be.
        faults: those that were injected, in order.
        sent_again: messages that sellers sent again because Kafka did not acknowledge them.
        calls_met: calls of the index that met trouble.
        images_met: requests of images that did.
        ends: how often worker processes ended, by exit code; negative ones are signals.
        drained_s: from the last fault or message until all stages were done.
        seconds: all together.
    """

    plan: Plan
    faults: list[Injected] = field(default_factory=list)
    acknowledged: int = 0
    sent_again: int = 0
    calls_met: int = 0
    images_met: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    drained_s: float = 0.0
    seconds: float = 0.0


async def run(plan: Plan, folder: Path, jars: Path, say: Say) -> tuple[Record, Findings]:
    """Do it, in a folder that is empty; what was found at the end."""
    began, record = time.monotonic(), Record(plan)
    async with world(folder, jars, random.Random(f"faults {plan.seed}"), plan.server) as here:
        say(f"three brokers, an index and {len(here.crew.workers)} workers are up")
        async with Monitor(here.settings) as monitor:
            seller = Seller(here.settings, lambda sent: _due(sent, plan, record, monitor))
            traffic = Traffic(
                Topics(here.settings), plan.listings, random.Random(plan.seed), here.images.address, plan.deadly
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(seller.publish(traffic.events(plan.events)))
                tasks.create_task(_inject(here, monitor, record, say))
            say(f"{len(record.faults)} faults injected, {len(seller.acknowledged)} messages acknowledged; now quiet")
            quiet = time.monotonic()
            await _drained(here, say, monitor)
            record.drained_s = time.monotonic() - quiet
        record.acknowledged, record.sent_again = len(seller.acknowledged), seller.sent_again
        record.calls_met, record.images_met = here.control.met(), here.images.troubled
        record.ends = dict(here.crew.ends())
        say("all stages are done; comparing with the reference")
        index = await _index_of(here.settings, here)
        try:
            findings = await look_at(here.settings, index, seller.acknowledged)
        finally:
            await index.close()
    record.seconds = time.monotonic() - began
    return record, findings


def _due(sent: int, plan: Plan, record: Record, monitor: Monitor) -> bool:
    """Sellers keep pace with the faults, so that every part of the log meets some, and with the embed stage."""
    share = len(record.faults) / plan.faults if plan.faults else 1.0
    return sent / plan.events <= share + _AHEAD and monitor.behind < _BACKLOG


async def _inject(here: World, monitor: Monitor, record: Record, say: Say) -> None:
    """One fault after the other; a quarter of them before the last one is recovered from."""
    kinds, weights = zip(*KINDS, strict=True)
    recovering: list[asyncio.Task[None]] = []
    for number in range(record.plan.faults):
        await asyncio.sleep(here.dice.uniform(0.2, 2.0))
        fault: Fault = here.dice.choices(kinds, weights)[0]
        began = time.monotonic()
        await fault(here)
        over = time.monotonic()
        injected = Injected(name_of(fault), over - began)
        record.faults.append(injected)
        recovery = asyncio.create_task(_recover(monitor, injected, over))
        recovering.append(recovery)
        if here.dice.random() > _OVERLAP:
            await recovery
        _tell(number + 1, injected, monitor, say)
    await asyncio.gather(*recovering)


async def _recover(monitor: Monitor, injected: Injected, over: float) -> None:
    injected.recovered_s = await monitor.works_again(over, _RECOVERS_WITHIN_S)


def _tell(number: int, injected: Injected, monitor: Monitor, say: Say) -> None:
    took = "goes on" if injected.recovered_s is None else f"works again after {injected.recovered_s:.1f} s"
    say(f"fault {number}: {injected.kind} for {injected.seconds:.1f} s, {took}; {monitor.behind} listings behind")


async def _drained(here: World, say: Say, monitor: Monitor) -> None:
    told = time.monotonic()
    async with asyncio.timeout(_DRAINS_WITHIN_S), LagReader(here.settings, photos=True) as reader:
        while not await reader.drained():
            await asyncio.sleep(0.5)
            if time.monotonic() - told > 10 and monitor.last:
                told = time.monotonic()
                say("  behind: " + ", ".join(f"{stage} {lag}" for stage, lag in monitor.last.lag.items()))


async def _index_of(settings: Settings, here: World) -> Index:
    if here.index is not None:
        return RemoteIndex(here.index.port, timeout_s=60.0)
    return await open_existing_index(settings, read_bundle(settings.bundle).dimensions)
