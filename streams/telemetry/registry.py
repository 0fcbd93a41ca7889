"""What is counted, and how Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Final

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_OURS: Final = "matchstream_"


class _Labelled(CollectorRegistry):
    """A registry whose metrics, except the client library's own, all have the same labels besides their own."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._labels = labels

    def collect(self) -> Iterable[Metric]:
        for family in super().collect():
            if family.name.startswith(_OURS):
                family = copy(family)  # noqa: PLW2901 - some collectors keep theirs
                family.samples = [one._replace(labels={**self._labels, **one.labels}) for one in family.samples]
            yield family


def new_registry(**labels: str) -> CollectorRegistry:
    """A registry of one's own, with what the process itself uses.

    Args:
        labels: of all metrics of ours that are read by it.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]  # its series are asked for by nobody
    registry = _Labelled(labels)
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


def exposed(registry: CollectorRegistry) -> bytes:
    """All of it as text, of `CONTENT_TYPE`."""
    return generate_latest(registry)


class Sizes(Collector):
    """A histogram that takes many values at a time.

    Args:
        name: of the metric.
        words: what it counts.
        buckets: upper bounds, growing.
        registry: that it is read by.
    """

    def __init__(self, name: str, words: str, buckets: Sequence[float], registry: CollectorRegistry) -> None:
        """Without any value yet."""
        self._name, self._words, self._bounds = name, words, np.array(buckets, dtype=np.float64)
        self._counts, self._sum = np.zeros(len(buckets) + 1, dtype=np.int64), 0.0
        registry.register(self)

    def add(self, values: Sequence[float]) -> None:
        """Count some more."""
        places = np.searchsorted(self._bounds, np.asarray(values, dtype=np.float64))
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sum += float(sum(values))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """As it is read."""
        bounds = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        totals = [float(total) for total in np.cumsum(self._counts)]
        yield HistogramMetricFamily(
            self._name, self._words, buckets=list(zip(bounds, totals, strict=True)), sum_value=self._sum
        )
