"""What a benchmark found, on the terminal and in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Shown

from streams.benchmarks import Report, Table
from streams.cli.console import out
from streams.cli.whole_files import write_whole

Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every measurement there, too.")]
Rounds = Annotated[int, typer.Option("--rounds", min=1, help="Measure everything so often, in turns.")]


def tell(report: Report, json: Path | None) -> None:
    """Print what was found, and keep it."""
    out.print(f"measured on {report.machine.in_words()}")
    for table in report.tables:
        show(table)
    for line in (*(goal.in_words() for goal in report.goals), *report.notes):
        out.print(line)
    if json is not None:
        write_whole(json, report.to_bytes())
        out.print(f"wrote every measurement to {json}")


def show(table: Table) -> None:
    """Print one table."""
    shown = Shown(title=table.title, title_justify="left")
    for column in table.columns:
        shown.add_column(column)
    for row in table.rows:
        shown.add_row(*row)
    out.print(shown)
