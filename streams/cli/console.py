"""What commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

_PIPE_WIDTH = 10_000


def _console(stream: TextIO, *, stderr: bool) -> Console:
    # Markup and emoji codes off: titles and ids are printed as they are. A pipe has no width to fold lines to.
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)


out = _console(sys.stdout, stderr=False)
err = _console(sys.stderr, stderr=True)


def progress_bar() -> Progress:
    """A progress bar on standard error; each task has a field `note`, which gives way where it is narrow."""
    whole = Column(no_wrap=True)
    return Progress(
        SpinnerColumn(table_column=whole),
        TextColumn("{task.description:<18}", table_column=whole),
        BarColumn(bar_width=20, table_column=whole),
        MofNCompleteColumn(table_column=whole),
        TimeElapsedColumn(table_column=whole),
        _NoteColumn("", table_column=Column(overflow="ellipsis")),
        console=err,
    )


class _NoteColumn(TextColumn):
    def render(self, task: Task) -> Text:
        return Text(str(task.fields["note"]), style="dim", no_wrap=True, overflow="ellipsis")


def table(*columns: str) -> Table:
    """A plain table whose cells are folded, never cut, where the terminal is narrow."""
    return Table(*(Column(name, overflow="fold") for name in columns), box=None, pad_edge=False)


def printable(text: str) -> str:
    """Text of others on one line, without what could steer a terminal."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def counted(number: int, thing: str) -> str:
    """A number of things, in words."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def warn(message: str) -> None:
    """Say what went wrong with one thing while the rest goes on."""
    err.print(printable(message), style="yellow")
