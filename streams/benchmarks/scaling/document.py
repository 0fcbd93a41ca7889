"""The tables inside a document, between two marks, so that a command keeps them as they are computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from streams.benchmarks.report import Table
from streams.errors import SettingsError

BEGIN: Final = "<!-- what follows is written by: matchstream bench capacity --document -->"
END: Final = "<!-- end of what is written -->"


def filled_in(text: str, tables: Sequence[Table]) -> str:
    """The document with these tables in it.

    Raises:
        SettingsError: it has not the marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise SettingsError("document", got="no marks", wanted=f"'{BEGIN}' and '{END}'", remedy="put in both lines")
    parts = [f"**{table.title}**\n\n{table.markdown()}" for table in tables]
    return f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}"
