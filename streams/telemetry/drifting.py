"""How far the similarities of pairs are from what they were when thresholds were chosen."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from encoders.bundle import Bundle
from streams.matching import Policy
from streams.matching.decided import Decided
from streams.matching.drift import Drift, read_expected


class Drifting(Collector):
    """Tells the population stability index of the last scores and similarities, where a bundle expects any.

    Args:
        registry: that it is read by.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is expected yet."""
        self._drift, self._policy = Drift({}), Policy()
        registry.register(self)

    def expect(self, bundle: Bundle) -> None:
        """Compare with what this bundle was calibrated by, from now on.

        Raises:
            SettingsError: what it says of that can't be read.
        """
        subject = f"bundle '{bundle.name}'"
        self._drift = Drift(read_expected(bundle.expected, subject))
        self._policy = Policy.from_json(bundle.matching, subject)

    def add(self, decided: Decided) -> None:
        """Take in what was decided on."""
        if self._drift:
            self._drift.add(decided.similarities(self._policy))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As it is read."""
        words = "Population stability index of similarities against the calibration: 0.1 is worth a look, 0.25 a change"
        yield _by("matchstream_similarity_drift", words, self._drift.indices())
        words = "Listings that the index goes by, the last ones that were decided on"
        yield _by("matchstream_similarity_drift_listings", words, self._drift.based_on())


def _by(name: str, words: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["of"])
    for one, value in values.items():
        family.add_metric([one], value)
    return family
