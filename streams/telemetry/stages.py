"""The batches of each stage, in numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.events import Message
from streams.stages.attempts import Process

_MESSAGES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Batches(Collector):
    """Counts the batches of a worker's stages.

    Args:
        registry: that it is read by.
        stages: which there are.
        clock: seconds since 1970.
    """

    def __init__(
        self, registry: CollectorRegistry, stages: Sequence[str], clock: Callable[[], float] = time.time
    ) -> None:
        """All at zero."""
        self._clock = clock
        self._in_hand: dict[str, dict[object, float]] = {stage: {} for stage in stages}
        words, by = "Messages that a stage has dealt with", ["stage"]
        self._events = Counter("matchstream_stage_events", words, by, registry=registry)
        self._sizes = Histogram(
            "matchstream_stage_batch_size", "Messages in a batch", by, buckets=_MESSAGES, registry=registry
        )
        self._seconds = Histogram(
            "matchstream_stage_batch_seconds", "Seconds that a batch took", by, buckets=_SECONDS, registry=registry
        )
        words = "When the last batch was done, in seconds since 1970; 0 before the first"
        self._done = Gauge("matchstream_stage_last_batch_timestamp_seconds", words, by, registry=registry)
        for stage in stages:
            for one in (self._events, self._sizes, self._seconds, self._done):
                one.labels(stage)
        registry.register(self)

    def counted(self, stage: str, process: Process) -> Process:
        """The same stage, with its batches counted here."""
        events, sizes = self._events.labels(stage), self._sizes.labels(stage)
        seconds, done, in_hand = self._seconds.labels(stage), self._done.labels(stage), self._in_hand[stage]

        async def watched(messages: Sequence[Message]) -> None:
            batch, began = object(), time.perf_counter()
            in_hand[batch] = self._clock()
            try:
                await process(messages)
            finally:
                del in_hand[batch]
            events.inc(len(messages))
            sizes.observe(len(messages))
            seconds.observe(time.perf_counter() - began)
            done.set(self._clock())

        return watched

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """How long batches are under way."""
        words = "Seconds since the oldest batch in hand was begun; 0 without one"
        family = GaugeMetricFamily("matchstream_stage_batch_in_hand_seconds", words, labels=["stage"])
        now = self._clock()
        for stage, begun in self._in_hand.items():
            family.add_metric([stage], max(0.0, now - min(begun.values(), default=now)))
        yield family
