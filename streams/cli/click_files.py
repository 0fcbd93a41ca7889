"""Files of clicks: one JSON object a line, read once from start to end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress

from streams.cli.console import counted, warn
from streams.errors import SettingsError, UnreadableEventError
from streams.learning.positives.clicks import Click, read_click

_BOM = b"\xef\xbb\xbf"
_SHOWN = 5
_TOLD_AT_ONCE = 10_000


def read_clicks(file: Path, progress: Progress) -> Iterator[Click]:
    """The clicks of a JSONL file; broken lines are left out, and the first few warned of.

    Raises:
        SettingsError: the file can't be read, or no line can be used.
    """
    task = progress.add_task("reading clicks", total=None, note="")
    broken = read = 0
    for number, line in _numbered(file):
        if number % _TOLD_AT_ONCE == 0:
            progress.update(task, completed=number)
        try:
            click = read_click(line)
        except UnreadableEventError as error:
            broken += 1
            if broken <= _SHOWN:
                warn(f"line {number}: {error}")
            continue
        read += 1
        yield click
    progress.update(task, completed=read + broken, total=read + broken)
    if not read:
        got = f"{counted(broken, 'broken line')} and no other" if broken else "no line"
        remedy = "write one JSON object per line, with session, query and listing_id"
        raise SettingsError(f"file '{file}'", got=got, wanted="clicks", remedy=remedy)
    if broken > _SHOWN:
        warn(f"file '{file}': {broken} broken lines are left out")


def _numbered(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                content = (line.removeprefix(_BOM) if number == 1 else line).strip()
                if content:
                    yield number, content
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"file '{file}'", got=reason, wanted="a JSONL file", remedy="check the path") from error
