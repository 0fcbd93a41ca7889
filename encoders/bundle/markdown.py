"""Markdown of text that others wrote: it says what it says, and marks up nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ACTIVE = re.compile(
    r"""[\\`*\[\]<>|~$]                     # markup anywhere
    | (?<![^\W_])_ | _(?![^\W_])            # emphasis, which is none within a word
    | &(?=[\w\#]+;)                         # a character by its name
    | :(?=/) | (?<=\bwww)\. | @(?=\S+\.)    # what readers make links of by themselves
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEGINS_A_BLOCK = re.compile(r"^(?:[-+=\#:]|\d+(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """On one line: no markup, no link, nothing that steers a terminal."""
    line = _ACTIVE.sub(r"\\\g<0>", printable(" ".join(text.split())))
    return _BEGINS_A_BLOCK.sub(_apart, line)


def _apart(begin: re.Match[str]) -> str:
    """A number is only a list's with what comes behind it, and has no escape of its own."""
    return f"{begin[0]}\\" if begin[0].isdigit() else f"\\{begin[0]}"


def code(text: str) -> Iterator[str]:
    """A fenced block, its fence longer than any that the text holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}sh"
    yield printable(text, but="\n")
    yield fence


def heading(*columns: str) -> Iterator[str]:
    """The lines above a table's rows."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"


def row(*cells: str) -> str:
    """A table's row."""
    return f"| {' | '.join(map(escaped, cells))} |"


def printable(text: str, but: str = "") -> str:
    """The same without what could steer a terminal, except for some of it."""
    return "".join(one if one.isprintable() or one in but else "\N{REPLACEMENT CHARACTER}" for one in text)
