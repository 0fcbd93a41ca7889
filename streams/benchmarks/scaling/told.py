"""The tables of what catalogues need, and of what breaks first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from streams.benchmarks.report import Table
from streams.benchmarks.scaling.catalogue import Catalogue
from streams.benchmarks.scaling.constants import Constant, Constants
from streams.benchmarks.scaling.limits import Limit, limits_of
from streams.benchmarks.scaling.needs import Needs, needs_of

_FEW: Final = 10
_MANY: Final = 1000
_Line = tuple[str, Callable[[Catalogue, Needs], str]]

_LINES: Final[Sequence[_Line]] = (
    ("changes, prices a day", lambda one, _needs: f"{one.changes_a_day:,.0f}, {one.prices_a_day:,.0f}"),
    (
        "changes, prices, sweep a second, busiest hour",
        lambda one, _needs: f"{number(one.changes_per_s)}, {number(one.prices_per_s)}, {number(one.swept_per_s)}",
    ),
    ("partitions of each topic", lambda _one, needs: f"{needs.partitions}"),
    ("workers beside GPUs (index, blend, match)", lambda _one, needs: f"{needs.workers}"),
    ("workers that encode, without any GPU", lambda _one, needs: f"{needs.embed_workers}"),
    ("group stage: how busy its one process is", lambda _one, needs: f"{needs.stages.group:.0%}"),
    ("first fill: hours of one GPU", lambda _one, needs: number(needs.gpu_first_h)),
    ("each day: hours of one GPU", lambda _one, needs: number(needs.gpu_daily_h)),
    ("first fill without one: hours of one processor", lambda _one, needs: number(needs.cpu_first_h)),
    ("first fill: hours to index, neighborhoods and lists", lambda _one, needs: number(needs.fill_h)),
    ("first fill: hours to products", lambda _one, needs: number(needs.group_fill_h)),
    ("reindex from `embeddings`: hours", lambda _one, needs: number(needs.reindex_h)),
    ("Qdrant: memory, rows in memory", lambda _one, needs: gib(needs.memory.whole)),
    ("Qdrant: memory, int8 and whole rows on disk", lambda _one, needs: gib(needs.memory.int8)),
    ("Qdrant: memory, rows on disk, beside cache", lambda _one, needs: gib(needs.memory.on_disk)),
    ("Qdrant: disk", lambda _one, needs: gib(needs.memory.disk)),
    (
        "Qdrant: searches a second, processors for them",
        lambda _one, needs: f"{number(needs.searches_per_s)}, {number(needs.search_cores)}",
    ),
    ("Kafka: disk, all replicas", lambda _one, needs: gib(needs.kafka_gib)),
    ("Kafka: written a second, busiest hour, one replica", lambda _one, needs: f"{number(needs.kafka_mib_per_s)} MiB"),
)


def tables_of(catalogues: Sequence[Catalogue], figures: Mapping[str, Constant]) -> list[Table]:
    """What they need, what breaks first in each, and what that is computed from."""
    constants = Constants.of(figures)
    needs = [needs_of(one, constants) for one in catalogues]
    rows = [[words, *(tell(*both) for both in zip(catalogues, needs, strict=True))] for words, tell in _LINES]
    return [
        Table("What it needs", ["listings", *(one.name for one in catalogues)], rows),
        *(_limits_table(one, constants) for one in catalogues),
        Table("Computed from", ["constant", "value", "how", "source"], [_constant(*one) for one in figures.items()]),
    ]


def _limits_table(one: Catalogue, constants: Constants) -> Table:
    columns = ["limit", "needed", "there is", "times as much", "what to do"]
    return Table(f"What breaks first with {one.name} listings", columns, [_row(x) for x in limits_of(one, constants)])


def _row(limit: Limit) -> list[str]:
    there = f"{number(limit.there)} {limit.unit}"
    return [limit.what, number(limit.needed), there, number(limit.headroom), limit.remedy]


def _constant(name: str, constant: Constant) -> list[str]:
    how = "measured" if constant.measured else "assumed"
    value = f"{constant.value:,.0f}" if constant.value >= _MANY else f"{constant.value:.4g}"
    return [f"`{name}`", f"{value} {constant.unit}", how, constant.source]


def number(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:,.0f}" if value >= _FEW else f"{value:.2g}"


def gib(size: float) -> str:
    """A size in GiB."""
    return f"{number(size)} GiB"
