"""A listing's words without what sellers put between letters and digits: dashes, dots, strokes and blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from streams.matching.details import Details
from streams.matching.variants.tokens import folded, squeezed

_CODE = re.compile(r"[^\W_]+(?:[-./_][^\W_]+)*")
_DIGIT = re.compile(r"[0-9]")
_SHORTEST = 3
_LONGEST = 32
_MOST_CODES = 8
_MOST_VALUES = 16
"""What is looked at of a hostile listing; real ones hardly have more."""
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Squeezed:
    """What of a listing is looked for in the other's words; letters and digits alone, case folded.

    Args:
        title: all of it in one word.
        codes: the words with a digit, the longest first.
        values: of the attributes; descriptions and what is shorter than three characters are left out.
    """

    title: str
    codes: tuple[str, ...]
    values: frozenset[str]


@lru_cache(maxsize=_KEPT)
def squeezed_of(details: Details) -> Squeezed:
    """One listing's words, squeezed: 'DSC-W150' is 'dscw150', and '010-10936-00' is '0101093600'."""
    title = folded(details.title)
    codes = {squeezed(word)[:_LONGEST] for word in _CODE.findall(title) if _DIGIT.search(word)}
    longest = sorted(codes, key=lambda code: (-len(code), code))[:_MOST_CODES]
    values = (squeezed(folded(value)) for _, value in details.attributes)
    return Squeezed(squeezed(title), tuple(longest), frozenset(_searched(values)))


def _searched(values: Iterable[str]) -> Iterable[str]:
    return islice((value for value in values if _SHORTEST <= len(value) <= _LONGEST), _MOST_VALUES)
