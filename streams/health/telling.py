"""What is told of a worker's health, with reasons in words. None of it is secret: no address, user or listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streams.brokers.topics import StageName
from streams.health.asked import Asked
from streams.health.progress import Standstill
from streams.health.watch import Watch


@dataclass(frozen=True, slots=True)
class StageHealth:
    """One stage of a worker.

    Args:
        partitions: that it reads; null while it waits for them.
        assignments: how often it was given partitions since the worker was started.
        lag: messages not yet acknowledged in them.
        last_batch_age_s: since the last batch was done; null before the first.
        batch_in_hand_s: since the one in hand was begun; null without one.
    """

    partitions: list[int] | None
    assignments: int
    lag: int
    last_batch_age_s: float | None
    batch_in_hand_s: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """What a page tells.

    Args:
        ok: whether it is what the page is about, alive or ready.
        reasons: why not; empty when it is.
        generation: of the worker.
        stages: each that it runs.
    """

    ok: bool
    reasons: list[str]
    generation: str
    stages: dict[str, StageHealth]


def life(watch: Watch) -> Health:
    """Whether a restart would not help: no stage hangs. That the event loop turns, the answer itself shows."""
    return _health(watch, _hanging(watch))


def readiness(watch: Watch) -> Health:
    """Whether the worker does its share: partitions, progress, an index that answers."""
    reasons = [*_unassigned(watch), *_silent(watch.index), *_silent(watch.kafka), *_standing(watch), *_hanging(watch)]
    return _health(watch, reasons)


def _health(watch: Watch, reasons: list[str]) -> Health:
    return Health(not reasons, reasons, watch.generation, {str(stage): _stage(watch, stage) for stage in watch.pulses})


def _stage(watch: Watch, stage: StageName) -> StageHealth:
    pulse, now = watch.pulses[stage], watch.clock()
    return StageHealth(
        partitions=None if pulse.partitions is None else sorted(pulse.partitions),
        assignments=pulse.assignments,
        lag=watch.progress[stage].lag,
        last_batch_age_s=None if pulse.done_at is None else round(now - pulse.done_at, 1),
        batch_in_hand_s=None if pulse.begun_at is None else round(now - pulse.begun_at, 1),
    )


def _unassigned(watch: Watch) -> list[str]:
    waiting = [stage for stage, pulse in watch.pulses.items() if pulse.partitions is None]
    return [f"stage '{stage}' waits for its partitions" for stage in waiting]


def _silent(asked: Asked[Any]) -> list[str]:
    if asked.trouble is not None:
        return [f"{asked.name} does not answer ({asked.trouble})"]
    return [] if asked.answers else [f"{asked.name} was not asked yet"]


def _standing(watch: Watch) -> list[str]:
    now = watch.clock()
    found = {stage: progress.standstill(now) for stage, progress in watch.progress.items()}
    return [_words(stage, one) for stage, one in found.items() if one is not None]


def _words(stage: StageName, still: Standstill) -> str:
    elsewhere = "" if still.whole_stage else ", though of others"
    where = ", ".join(map(str, still.partitions))
    return (
        f"stage '{stage}' is {still.lag} behind in partitions {where}"
        f" and has acknowledged nothing of them for {still.for_s:.0f} s{elsewhere}"
    )


def _hanging(watch: Watch) -> list[str]:
    """A batch may wait for the index and for Kafka, however long: only the time in which both answered counts."""
    now = watch.clock()
    failures = [one.failed_at for one in (watch.index, watch.kafka) if one.failed_at is not None]
    in_hand = {stage: pulse.begun_at for stage, pulse in watch.pulses.items() if pulse.begun_at is not None}
    held_s = {stage: now - max([begun_at, *failures]) for stage, begun_at in in_hand.items()}
    return [
        f"stage '{stage}' has had a batch in hand for {for_s:.0f} s, though the index and Kafka answer"
        for stage, for_s in held_s.items()
        if for_s > watch.hang_s
    ]
