"""How much a title says."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.,'\u2019-][^\W_]+)*")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Japanese and Chinese have no spaces between words; a word of theirs has about two of these."""


def words_of(title: str) -> int:
    """How many words there are; what has no letter and no digit is none."""
    return sum(max(1, (len(_UNSPACED.findall(word)) + 1) // 2) for word in _WORD.findall(title))
