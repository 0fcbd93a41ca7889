"""The worker: runs the agents of some stages until it is told to stop or one of them fails.

It ends with an error when the world fails it (what a message does to a stage is dealt with before, see
`streams.stages.attempts`): its supervisor starts it again, and what was not acknowledged is read again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import faust
from threadpoolctl import threadpool_limits

from streams.agents import stage_app
from streams.bootstrap import Assembled, Parts, assembled
from streams.brokers.client import ensure_reachable
from streams.brokers.roster import RosterWatch
from streams.brokers.topics import StageName
from streams.errors import StageEndedError
from streams.health import Figures, Watch, health_pages
from streams.heartbeat import beat
from streams.settings import Settings
from streams.stages.journals import Journals
from streams.telemetry.batches import logged
from streams.telemetry.metrics import WorkerMetrics

_STOPS_WITHIN_S = 30.0

_log = logging.getLogger(__name__)
_RESTART = "start the worker again; nothing is lost"

_Work = Callable[[], Awaitable[Any]]


async def run_worker(settings: Settings, stages: Sequence[StageName], parts: Parts | None = None) -> None:
    """Run the stages until SIGTERM or SIGINT; the batches in hand are finished first.

    Args:
        settings: of this process.
        stages: which.
        parts: in place of the product's own.

    Raises:
        BrokerUnavailableError: no broker answers.
        SettingsError: the port of the health pages can't be had.
        StageEndedError: a stage stopped although nobody asked for it.
        LeaseLostError: this process stood still longer than its session.
        Exception: whatever ended an agent.
    """
    journals = Journals(settings.attempts_path)
    stop = _stop_signal(journals.let_go)
    await ensure_reachable(settings)
    watch, metrics = Watch.of(settings, stages), WorkerMetrics(stages, settings.generation)
    metrics.registry.register(Figures(watch))
    parts = replace(parts or Parts(), observer=metrics.observer)
    async with (
        health_pages(watch, settings, metrics.registry),
        assembled(settings, stages, journals, parts) as assembly,
    ):
        metrics.begin(assembly.bundle, assembly.index)
        by_stage = _apps(assembly, settings, watch, metrics)
        beside = _beside(assembly, by_stage, settings)
        if settings.health_port:
            beside.append(partial(watch.run, assembly.index, settings))
        _log.info("worker of generation '%s' runs %s", settings.generation, ", ".join(stages))
        # Two threads of one product beside other work take twice as long as one: scale by processes.
        with threadpool_limits(settings.torch_threads):
            await _run_until(stop, list(by_stage.values()), settings.heartbeat_file, beside)
    _log.info("worker stopped; the batches in hand were finished")


def _apps(assembly: Assembled, settings: Settings, watch: Watch, metrics: WorkerMetrics) -> dict[StageName, faust.App]:
    """One for each stage, whose batches are logged, looked after and counted."""
    by_stage = {}
    for stage, process in assembly.processes.items():
        pulse = watch.pulses[stage]
        seen = metrics.counted(stage, pulse.over(logged(stage, process, watch.generation)))
        app = by_stage[stage] = stage_app(stage, settings, seen, assembly.lease)
        app.on_partitions_assigned.connect(_tell_assigned)
        _follow(app, pulse.assigned, pulse.revoked)
    return by_stage


def _beside(assembly: Assembled, by_stage: Mapping[StageName, faust.App], settings: Settings) -> list[_Work]:
    works: list[_Work] = []
    if assembly.through_all:
        turn = _while_assigned(by_stage[StageName.GROUP])
        works += [partial(one, turn) for one in assembly.through_all]
    if assembly.refetching:
        works.append(assembly.refetching)
    if assembly.roster is not None:
        works += [assembly.roster.run, partial(_read_aside, assembly, assembly.roster, settings)]
    return works


async def _read_aside(assembly: Assembled, roster: RosterWatch, settings: Settings) -> None:
    """Read what a generation that is not live has to, from the first moment on when this one is not."""
    await roster.until(lambda now: not now.is_live(settings.generation))
    apps = [
        stage_app(
            one.aside, settings, logged(one.aside, one.process, settings.generation), assembly.lease, topic=one.topic
        )
        for one in assembly.asides
    ]
    for app in apps:
        app.on_partitions_assigned.connect(_tell_assigned)
    await _run_until(asyncio.Event(), apps, None, [])


async def _tell_assigned(app: Any, /, *arguments: Any, **_signal: Any) -> None:
    (assigned,) = arguments
    numbers = ", ".join(str(number) for number in sorted(one.partition for one in assigned))
    _log.info("'%s' reads partitions: %s", app.conf.id, numbers or "none: other workers have them all")


def _while_assigned(app: faust.App) -> asyncio.Event:
    """Is set while this worker reads any partition of that app's topic."""
    reading = asyncio.Event()
    _follow(app, lambda partitions: reading.set() if partitions else reading.clear(), reading.clear)
    return reading


def _follow(app: faust.App, assigned: Callable[[frozenset[int]], None], revoked: Callable[[], None]) -> None:
    """Tell which partitions an app reads, each time that changes, and when it reads none until it is told again."""

    async def tell_assigned(_app: Any, /, *arguments: Any, **_signal: Any) -> None:
        (partitions,) = arguments
        assigned(frozenset(one.partition for one in partitions))

    async def tell_revoked(_app: Any, /, *_arguments: Any, **_signal: Any) -> None:
        revoked()

    app.on_partitions_assigned.connect(tell_assigned)
    app.on_partitions_revoked.connect(tell_revoked)


def _stop_signal(stopping: Callable[[], None]) -> asyncio.Event:
    """Is set by the first signal; a second one, or a stop that takes too long, ends the process at once.

    From the first one on, what ends the process is no message's doing: `stopping` is called with it.
    """
    stop = asyncio.Event()

    def told_to_stop() -> None:
        if stop.is_set():
            _give_up()
        stop.set()
        stopping()
        limit = threading.Timer(_STOPS_WITHIN_S, _give_up)
        limit.daemon = True
        limit.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop)
    return stop


def _give_up() -> None:
    # Kafka's clients wait for ever for brokers that are gone.
    _log.error("worker ended before it had stopped; what was not acknowledged will be read again")
    os._exit(1)


async def _run_until(
    stop: asyncio.Event, apps: Sequence[faust.App], heartbeat_file: Path | None, beside: Sequence[_Work]
) -> None:
    waits: list[asyncio.Future[Any]] = []
    ends: list[asyncio.Future[Any]] = []
    try:
        await asyncio.gather(*(app.start() for app in apps))
        endless = [stop.wait, *beside, *(app.wait_until_stopped for app in apps)]
        ends = [asyncio.ensure_future(one()) for one in endless]
        waits = [*ends, asyncio.ensure_future(beat(heartbeat_file))]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
        await asyncio.gather(*(app.stop() for app in apps))
        await asyncio.gather(*waits, return_exceptions=True)
    for app in apps:
        if app.crash_reason is not None:
            raise app.crash_reason
    for one in ends:
        if one.done() and not one.cancelled():
            one.result()
    if not stop.is_set():
        raise StageEndedError("worker", got="a stage that ended by itself", wanted="one that runs", remedy=_RESTART)
