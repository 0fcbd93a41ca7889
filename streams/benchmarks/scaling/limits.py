"""What breaks first as a catalogue grows: how much of each limit it takes, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from streams.benchmarks.scaling.catalogue import WEEK_S, Catalogue
from streams.benchmarks.scaling.constants import Constants
from streams.benchmarks.scaling.needs import Needs, needs_of, regroups_per_s

_MOST_PARTITIONS: Final = 4096
_MARKS_KEPT_H: Final = WEEK_S / 3600


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that ends.

    Args:
        what: in words.
        needed: of it, by the catalogue.
        there: as much as there is.
        unit: of both.
        remedy: what to do when it is not enough.
    """

    what: str
    needed: float
    there: float
    unit: str
    remedy: str

    @property
    def headroom(self) -> float:
        """How many times as large the catalogue could be; less than 1 is too late."""
        return self.there / self.needed if self.needed else float("inf")


_Line = tuple[str, Callable[[Catalogue, Constants, Needs], tuple[float, float]], str, str]

_HOURS: Final = "hours, while marks are kept for a week"
_LINES: Final[Sequence[_Line]] = (
    (
        "the embedded index",
        lambda one, constants, _needs: (one.listings, constants.embedded_listings),
        "listings",
        "a Qdrant server: MATCHSTREAM_INDEX=server",
    ),
    (
        "the group stage's one process, busiest hour",
        lambda one, constants, _needs: (regroups_per_s(one, constants), constants.busy * 1000 / constants.group_ms),
        "marks/s",
        "a longer sweep (MATCHSTREAM_SWEEP_PERIOD_S); divide the catalogue by category into installations of their own",
    ),
    (
        "the group stage's one process, first fill",
        lambda _one, _constants, needs: (needs.group_fill_h, _MARKS_KEPT_H),
        _HOURS,
        "keep `regroup` longer during the fill (retention.ms), or fill a category at a time",
    ),
    (
        "the workers, first fill",
        lambda _one, _constants, needs: (needs.fill_h, _MARKS_KEPT_H),
        _HOURS,
        "more workers during the fill",
    ),
    (
        "memory of one Qdrant node, rows in memory",
        lambda _one, constants, needs: (needs.memory.whole, constants.node_gib),
        "GiB",
        "shards on several nodes (MATCHSTREAM_QDRANT_SHARDS), or MATCHSTREAM_QDRANT_QUANTIZATION=int8",
    ),
    (
        "memory of one Qdrant node, int8",
        lambda _one, constants, needs: (needs.memory.int8, constants.node_gib),
        "GiB",
        "shards on several nodes",
    ),
    (
        "processors of one Qdrant node",
        lambda _one, constants, needs: (needs.search_cores, constants.busy * constants.node_cores),
        "processors",
        "shards on several nodes, and replicas to read from",
    ),
    (
        "partitions of a topic, one worker each",
        lambda _one, _constants, needs: (max(needs.workers, needs.embed_workers), _MOST_PARTITIONS),
        "workers",
        "divide the catalogue",
    ),
)
"""What ends, how much of it is needed and is there, the unit of both, and what to do."""


def limits_of(one: Catalogue, constants: Constants) -> list[Limit]:
    """Each of them, the first to break first."""
    needs = needs_of(one, constants)
    found = (Limit(what, *of(one, constants, needs), unit, remedy) for what, of, unit, remedy in _LINES)
    return sorted(found, key=lambda limit: limit.headroom)
