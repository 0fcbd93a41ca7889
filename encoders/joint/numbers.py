"""The numbers of a listing that the joint encoder may look at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from encoders.types import Numeric


def numbers_of(listing: Mapping[str, Any]) -> dict[Numeric, float]:
    """The numbers that a listing has, all as natural logarithms; what it does not state is absent.

    Blanks around texts and names count for nothing: the JSON as its seller sent it and the listing as it was
    read have the same numbers. The price counts as stated, whatever its currency.
    """
    words = (listing.get("title") or "").split()
    attributes = {name.strip() for name in listing.get("attributes") or ()}
    numbers = {Numeric.ATTRIBUTES: math.log1p(len(attributes))}
    if words:
        with_digits = sum(any(map(str.isdigit, word)) for word in words)
        numbers |= {Numeric.WORDS: math.log1p(len(words)), Numeric.NUMBERS: math.log1p(with_digits)}
    if price := float(listing.get("price") or 0):
        numbers[Numeric.LOG_PRICE] = math.log(price)
    return numbers
