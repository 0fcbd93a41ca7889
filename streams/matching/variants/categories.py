"""What a category says about its products."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from streams.matching.variants.tokens import Sort, tokens_of
from streams.matching.variants.words import name_of, table

_INSIDE = 6
_KEPT = 10_000


class Category(NamedTuple):
    """What a category says.

    Args:
        known: whether there is one.
        clothes: whether its products have sizes of clothes or shoes.
        coloured: whether a colour makes a product of its own.
    """

    known: bool
    clothes: bool
    coloured: bool


@lru_cache(maxsize=_KEPT)
def category_of(text: str) -> Category:
    """What a category says, by the words in it; a path of categories is one text."""
    name = name_of(text)
    clothes = bool(name) and _says("clothes").search(name) is not None
    return Category(bool(name), clothes, clothes or (bool(name) and _says("coloured").search(name) is not None))


@cache
def _says(what: str) -> re.Pattern[str]:
    """A pattern of one row's words: whole ones, and long and Chinese ones inside others."""
    words = sorted({name_of(word) for word in table("categories")[what]}, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) if _goes_inside(word) else rf"\b{re.escape(word)}\b" for word in words))


def _goes_inside(word: str) -> bool:
    return len(word) >= _INSIDE or tokens_of(word)[0].sort is Sort.HAN
