"""What is measured of a phase, and what some phases come to."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from streams.events.generations import Source


@dataclass(frozen=True)
class Condition:
    """What happens beside the live generation: nothing, or that another one is filled."""

    name: str
    source: Source | None = None
    gives_way: bool = True


QUIET: Final = Condition("no reindex")
ORDER: Final = (
    QUIET,
    Condition("from listings, nice", Source.LISTINGS),
    Condition("from embeddings, nice", Source.EMBEDDINGS),
    QUIET,
    Condition("from listings", Source.LISTINGS, gives_way=False),
    Condition("from embeddings", Source.EMBEDDINGS, gives_way=False),
)


@dataclass
class Phase:
    """One condition, measured once.

    Args:
        latencies_s: of each listing, from before it was sent until the event was read.
        seconds: it lasted.
        load: of the machine in its last minute, as `uptime` says.
        cores: how many each process kept busy.
        ratio: of the median to that of the quiet phase before it.
    """

    condition: str
    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    load: float = 0.0
    cores: dict[str, float] = field(default_factory=dict)
    ratio: float = 1.0

    @property
    def median_s(self) -> float:
        return statistics.median(self.latencies_s)

    @property
    def p95_s(self) -> float:
        return sorted(self.latencies_s)[int(0.95 * (len(self.latencies_s) - 1))]

    def to_json(self) -> dict[str, Any]:
        """All but the single latencies."""
        measured = {
            "listings": len(self.latencies_s),
            "median_s": round(self.median_s, 2),
            "p95_s": round(self.p95_s, 2),
        }
        return {**measured, **{name: value for name, value in asdict(self).items() if name != "latencies_s"}}


def shown(phase: Phase) -> str:
    """In a line."""
    cores = ", ".join(f"{name} {some:.2f}" for name, some in phase.cores.items())
    return (
        f"{phase.condition}: median {phase.median_s:.2f} s, p95 {phase.p95_s:.2f} s,"
        f" ratio {phase.ratio:.2f} ({len(phase.latencies_s)} listings in {phase.seconds:.0f} s,"
        f" load {phase.load:.1f}; cores: {cores})"
    )


def summary(phases: Sequence[Phase]) -> dict[str, dict[str, float]]:
    """Of each condition: medians over its phases, and how far these are apart."""
    by_name: dict[str, list[Phase]] = defaultdict(list)
    for phase in phases:
        by_name[phase.condition].append(phase)
    return {
        name: {
            "median_s": round(statistics.median(one.median_s for one in some), 2),
            "p95_s": round(statistics.median(one.p95_s for one in some), 2),
            "ratio": round(statistics.median(one.ratio for one in some), 2),
            "least": min(one.ratio for one in some),
            "most": max(one.ratio for one in some),
            "listings": sum(len(one.latencies_s) for one in some),
        }
        for name, some in by_name.items()
    }
