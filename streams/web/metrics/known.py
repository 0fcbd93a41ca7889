"""What the page knows, in numbers: how much there is, how review goes, how far the topics are read."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.web.live.reading import counters
from streams.web.review.figures import Group, group_of_all
from streams.web.review.known import known_of
from streams.web.review.promise import promised_precision
from streams.web.services import Services

_KEPT_S: Final = 15.0
_SHARE: Final = 20
"""What takes long is asked no oftener than this many times as long."""


class Knowledge(Collector):
    """Tells what the page knows. What has to be counted in the store is kept for a while.

    Args:
        services: of the page.
        clock: seconds.
    """

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is counted yet."""
        self._services, self._clock = services, clock
        self._turn = threading.Lock()
        self._kept: Sequence[GaugeMetricFamily] = ()
        self._until = -math.inf

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: what is asked for when it is registered would be counted then."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As it is read."""
        standing, feed = self._services.standing, self._services.feed
        yield _one("page_connected", "Whether the broker answered when it was last asked", standing.connected)
        yield _one("page_caught_up", "Whether all is read that was there at the start", standing.caught_up)
        read_at = self._services.store.read_at() or 0.0
        yield _one("page_read_timestamp_seconds", "When topics were last read, in seconds since 1970", read_at)
        yield _one("page_watchers", "Live pages that are open", feed.watched)
        yield from self._counted()

    def _counted(self) -> Sequence[GaugeMetricFamily]:
        with self._turn:
            if (began := self._clock()) >= self._until:
                self._kept = [*self._catalogue(), *self._review()]
                ended = self._clock()
                self._until = ended + max(_KEPT_S, _SHARE * (ended - began))
            return self._kept

    def _catalogue(self) -> Iterator[GaugeMetricFamily]:
        reading = self._services.store.reading
        [offers] = reading.execute("select coalesce(sum(listings), 0) from live_products").fetchone()
        found = counters(reading, int(time.time() * 1000))
        yield _one("listings", "Listings that have a match list", found.listings)
        yield _one("products", "Products", found.products)
        yield _one("offers", "Offers of all products", offers)

    def _review(self) -> Iterator[GaugeMetricFamily]:
        known = known_of(self._services.store.reading)
        group = group_of_all(known, promised_precision(self._services.settings.bundle))
        yield _one("matches", "Pairs that the model matches by itself", group.precision.matches)
        yield _one("review_queue", "Pairs that wait for somebody to look at them", group.waiting)
        yield _one("votes", "Votes of people", len(known.votes))
        yield from _of_judgements(group)


def _of_judgements(group: Group) -> Iterator[GaugeMetricFamily]:
    judged, precision, right = group.judged, group.precision, group.judged.right
    said = {"same": judged.same, "different": judged.different, "unsure": judged.unsure}
    yield _each("judgements", "Pairs that people judged", "verdict", said)
    matched = {"same": right.right, "different": right.total - right.right} if right else {"same": 0, "different": 0}
    yield _each("matches_judged", "Pairs judged that the model matches by itself", "verdict", matched)
    audited = {"model": precision.before, "told": precision.after}
    shares = {name: one.share for name, one in audited.items() if one is not None}
    yield _each("precision", "Share of right matches, by the audit: of the model's, and of what is told", "of", shares)
    words = "Precision of the model that the audit shows: lower bound at 95% confidence"
    yield _one("precision_at_least", words, precision.at_least)
    words = "Precision of the model that the audit leaves possible: upper bound at 97.5% confidence; 1 without one"
    yield _one("precision_at_most", words, precision.before.high if precision.before else 1.0)
    yield _one("precision_target", "Precision that the bundle promises", precision.target)
    pairs = precision.before.total if precision.before else 0
    yield _one("precision_pairs", "Audited pairs that the precision goes by", pairs)


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"matchstream_{name}", words, value=value)


def _each(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"matchstream_{name}", words, labels=[label])
    for one, value in values.items():
        family.add_metric([one], value)
    return family
