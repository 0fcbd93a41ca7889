"""What `matchstream bench encoders` measured, as tables and goals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final

from streams.benchmarks import Goal, Table, in_turns, ratio, spread
from streams.cli.console import err

if TYPE_CHECKING:
    from encoders.benchmarks import Closeness, Way, Ways

_TIMES: Final = 5
"""How many times as fast as one item at a time the product is to be."""
_TUTORIAL, _OURS, _FLOAT32 = "tutorial", "matchstream", "float32"
_OTHERS: Final = ("ONNX Runtime", "sentence-transformers", "torch.compile")


@dataclass(frozen=True, slots=True)
class Tried:
    """Some ways of making the same rows, measured.

    Args:
        name: of what is made rows of.
        ways: by label.
        rates: items a second by label and round.
        processor_ms: milliseconds of processors for an item, likewise, of ways that work in this process alone.
        near: how near their rows are to those of the first way, where there are rows.
        notes: what is left out.
    """

    name: str
    ways: dict[str, Way]
    rates: dict[str, list[float]]
    processor_ms: dict[str, list[float]] = field(default_factory=dict)
    near: dict[str, Closeness] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def beside(self) -> str:
        """The way that the others are compared with: one item at a time, or else the first."""
        slow = [label for label, way in self.ways.items() if way.name == _TUTORIAL]
        return slow[0] if slow else next(iter(self.ways))

    def best(self, chosen: Callable[[Way], bool]) -> str | None:
        """The fastest of some."""
        labels = [label for label, way in self.ways.items() if chosen(way)]
        return max(labels, key=lambda label: spread(self.rates[label]).median, default=None)

    def as_json(self) -> dict[str, Any]:
        """Every measurement."""
        return {
            label: {
                "name": way.name,
                "batch": way.batch,
                "items": way.items,
                "items_per_s": self.rates[label],
                "processor_ms": self.processor_ms.get(label),
                "cosine_least": near.least if (near := self.near.get(label)) else None,
                "cosine_mean": near.mean if near else None,
                "neighbors_kept": near.kept if near else None,
            }
            for label, way in self.ways.items()
        }


def measured(name: str, found: Ways, rounds: int) -> Tried:
    """Measure all ways in turns; the first round, which does not count, tells how near their rows are."""
    from encoders.benchmarks import closeness  # noqa: PLC0415 - it brings torch

    ways = {way.label: way for way in found.ways}
    made: dict[str, Any] = {}
    used: dict[str, list[float]] = {label: [] for label, way in ways.items() if way.own_process}

    def rate(label: str) -> float:
        begun, used_before = perf_counter(), process_time()
        rows = ways[label].rows()
        taken, busy = perf_counter() - begun, process_time() - used_before
        if rows is not None:
            made[label] = rows
        used.get(label, []).append(1000 * busy / ways[label].items)
        return ways[label].items / taken

    try:
        cases = {label: partial(rate, label) for label in ways}
        rates = in_turns(cases, rounds, on_measured=lambda label, value: err.print(f"{name}: {label}: {value:.1f}/s"))
    finally:
        found.close()
    first = made.get(next(iter(ways), ""))
    near = {} if first is None else {label: closeness(rows, first) for label, rows in made.items()}
    counted = {label: values[-rounds:] for label, values in used.items()}
    return Tried(name, ways, rates, counted, near, found.notes)


def tables(found: Sequence[Tried]) -> list[Table]:
    """One of each that was measured."""
    return [_table(one) for one in found if one.ways]


def _table(one: Tried) -> Table:
    beside = one.ways[one.beside]
    columns = (
        "way",
        "at once",
        "items a round",
        f"{one.name} a second",
        f"beside {beside.name}",
        "cosine, least",
        "mean",
        "neighbors kept",
    )
    return Table(one.name.capitalize(), columns, [_row(one, label) for label in one.ways])


def _row(one: Tried, label: str) -> list[str]:
    way, near = one.ways[label], one.near.get(label)
    return [
        way.name,
        "" if way.batch is None else str(way.batch),
        str(way.items),
        f"{spread(one.rates[label]):.1f}",
        f"{ratio(one.rates, label, one.beside):.2f}",
        f"{near.least:.5f}" if near else "",
        f"{near.mean:.5f}" if near else "",
        f"{near.kept:.3f}" if near and near.kept is not None else "",
    ]


def goals(found: Sequence[Tried], precision: str) -> list[Goal]:
    """Five times one item at a time, by the product's precision, and not slower than others, which are in float32."""
    made: list[Goal] = []
    for one in found:
        slow = one.best(lambda way: way.name == _TUTORIAL)
        other = one.best(lambda way: way.name.startswith(_OTHERS))
        if (ours := _best_of_ours(one, precision)) and slow:
            made.append(_goal(one, ours, slow, f"{one.name} at least {_TIMES} times as fast as one at a time", _TIMES))
        for own in dict.fromkeys((_FLOAT32, precision)):
            if (ours := _best_of_ours(one, own)) and other:
                wanted = f"{one.name} in {own} not slower than the best of the others, in {_FLOAT32} ({other})"
                made.append(_goal(one, ours, other, wanted, 1))
    return made


def _best_of_ours(one: Tried, precision: str) -> str | None:
    return one.best(lambda way: way.name == f"{_OURS}, {precision}")


def _goal(one: Tried, ours: str, beside: str, wanted: str, times: float) -> Goal:
    got = ratio(one.rates, ours, beside)
    return Goal(wanted, f"{got:.2f} times, by {ours}", got.median >= times)
