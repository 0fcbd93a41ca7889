"""What a benchmark found: for people as a table, for whoever compares later as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from streams.benchmarks.machine import Machine, this_machine


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words.

    Args:
        title: what they are about.
        columns: their headings.
        rows: one text for each column.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As a table of a document."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass(frozen=True, slots=True)
class Goal:
    """What was to be reached.

    Args:
        wanted: in words.
        got: likewise.
        reached: whether it was; None where it could not be measured here, and `got` says why.
    """

    wanted: str
    got: str
    reached: bool | None

    def in_words(self) -> str:
        """One line."""
        how = {True: "reached", False: "not reached", None: "not measured"}[self.reached]
        return f"{how}: {self.wanted}; {self.got}"


@dataclass(frozen=True, slots=True)
class Report:
    """All that one benchmark found.

    Args:
        benchmark: its name, as in `matchstream bench NAME`.
        options: that it was run with.
        tables: for people.
        measured: every measurement, for machines.
        goals: and whether they are reached.
        notes: what a reader has to know besides.
    """

    benchmark: str
    options: dict[str, Any]
    tables: Sequence[Table]
    measured: dict[str, Any]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    machine: Machine = field(default_factory=this_machine)

    def to_bytes(self) -> bytes:
        """As a JSON file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n"

    def markdown(self) -> str:
        """As a part of a document."""
        parts = [f"Measured on {self.machine.in_words()}."]
        for table in self.tables:
            parts += [f"**{table.title}**", table.markdown()]
        lines = [*(f"- {goal.in_words()}." for goal in self.goals), *(f"- {note}" for note in self.notes)]
        return "\n\n".join([*parts, *(["\n".join(lines)] if lines else [])]) + "\n"
