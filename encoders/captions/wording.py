"""What a model says, as a line that can be shown and embedded."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 300
"""Characters of a caption."""


def tidied(text: str) -> str:
    """On one line, without characters that control rather than say something, and not too long."""
    line = " ".join("".join(map(_shown, text)).split())
    if len(line) <= LONGEST:
        return line
    whole, _, _ = line[: LONGEST + 1].rpartition(" ")
    return whole or line[:LONGEST]


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category.startswith("C") else character
