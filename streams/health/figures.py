"""What a worker knows of its own health, in numbers that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.brokers.topics import StageName
from streams.health.telling import readiness
from streams.health.watch import Watch

_LAG: Final = "Messages not yet acknowledged in the partitions that this worker reads"
_PARTITIONS: Final = "Partitions that a stage reads; 0 while it waits for them"
_ASSIGNMENTS: Final = "How often a stage was given partitions"
_READY: Final = "Whether the worker is ready, as its page /readyz says"
_POINTS: Final = "Points in the index, those of withdrawn listings included"


class Figures(Collector):
    """Tells what a watch has seen.

    Args:
        watch: of a worker.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        """As it is read."""
        watch = self._watch
        yield _by_stage(GaugeMetricFamily, "stage_lag", _LAG, {one: p.lag for one, p in watch.progress.items()})
        reads = {one: len(pulse.partitions or ()) for one, pulse in watch.pulses.items()}
        yield _by_stage(GaugeMetricFamily, "stage_partitions", _PARTITIONS, reads)
        assignments = {one: pulse.assignments for one, pulse in watch.pulses.items()}
        yield _by_stage(CounterMetricFamily, "stage_assignments", _ASSIGNMENTS, assignments)
        yield GaugeMetricFamily("matchstream_worker_ready", _READY, value=readiness(watch).ok)
        for asked in (watch.index, watch.kafka):
            name = asked.name.removeprefix("the ").lower()
            yield GaugeMetricFamily(f"matchstream_{name}_answers", f"Whether {asked.name} answers", value=asked.answers)
        points = GaugeMetricFamily("matchstream_index_points", _POINTS)
        if watch.points.answer is not None:
            points.add_metric([], watch.points.answer)
        yield points


def _by_stage(
    family: type[GaugeMetricFamily | CounterMetricFamily], name: str, words: str, values: Mapping[StageName, float]
) -> Metric:
    made = family(f"matchstream_{name}", words, labels=["stage"])
    for stage, value in values.items():
        made.add_metric([stage], value)
    return made
