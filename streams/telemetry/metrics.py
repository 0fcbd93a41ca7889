"""All that a worker counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from prometheus_client import Info
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from encoders.bundle import Bundle
from streams.index.port import IndexReader
from streams.stages.attempts import Process
from streams.stages.observer import Observer
from streams.telemetry.drifting import Drifting
from streams.telemetry.registry import new_registry
from streams.telemetry.stages import Batches
from streams.telemetry.work import Work


class WorkerMetrics:
    """The numbers of one worker.

    Args:
        stages: that it runs.
        generation: of the worker: a label of all of them, for generations run side by side.

    Attributes:
        registry: what they are read by.
    """

    def __init__(self, stages: Sequence[str], generation: str) -> None:
        """All at zero."""
        self.registry = new_registry(generation=generation)
        self._drifting = Drifting(self.registry)
        self._work = Work(self.registry, self._drifting)
        self._batches = Batches(self.registry, stages)
        self._info = Info("matchstream_worker", "The worker's bundle and version", registry=self.registry)
        for stage in stages:
            self._work.stage(stage)

    @property
    def observer(self) -> Observer:
        """Whom stages tell what they do."""
        return self._work

    def counted(self, stage: str, process: Process) -> Process:
        """The same stage, with its batches counted."""
        return self._batches.counted(stage, process)

    def begin(self, bundle: Bundle, index: IndexReader) -> None:
        """Tell what the worker works with.

        Raises:
            SettingsError: what the bundle expects of similarities can't be read.
        """
        named = f"{bundle.name}@{bundle.digest[:12]}"
        self._info.info({"bundle": named, "version": version("matchstream")})
        self._work.modalities(sorted(one for one in bundle.modalities if not one.derived))
        self._drifting.expect(bundle)
        self.registry.register(_RoundTrips(index))


class _RoundTrips(Collector):
    def __init__(self, index: IndexReader) -> None:
        self._index = index

    def collect(self) -> Iterator[CounterMetricFamily]:
        words = "Calls to the index engine"
        yield CounterMetricFamily("matchstream_index_round_trips", words, value=self._index.round_trips)
