"""Which pairs are worth a person's time, and in what order: small rules without a database."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from streams.events.matches import Match
from streams.matching.auditing import lot

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,3})?)"
_BAND: Final = re.compile(rf"{_NUMBER}<=[a-z]+<{_NUMBER}")
"""The rule of a pair that somebody should look at, as in '0.80<=combined<0.90'."""
_MIDDLE: Final = 0.5


def informative(close: float, joined: int) -> float:
    """How much one verdict on a pair teaches; the queue begins with the highest.

    Closeness to the threshold of a match, from 0 to 1, times the binary logarithm of 1 + the listings of both
    products that a `same` would join. So of two pairs that are equally close the one with more at stake comes
    first, and a pair of single listings comes before two crowds that are hardly alike. Where both listings are
    in one product already, nothing would be joined, and the pair counts as a single listing.
    """
    return close * math.log2(1 + max(joined, 1))


def closeness(told: Match) -> float:
    """Where the score lies between the threshold of review, 0, and that of a match, 1, as the rule states them."""
    score = told.evidence.get("probability", told.similarity)
    found = _BAND.fullmatch(str(told.evidence.get("rule", "")))
    if found is None or not isinstance(score, int | float):
        return _MIDDLE
    least, enough = float(found[1]), float(found[2])
    return min(max((score - least) / (enough - least), 0.0), 1.0) if enough > least else _MIDDLE


def joined(sizes: Mapping[str, tuple[str, int]], one: str, other: str) -> int:
    """How many listings a `same` would bring into one product; 1 where the two are in one already.

    `sizes` has for listings that are in a product its id and how many listings it has.
    """
    (first, few), (second, more) = (sizes.get(listing_id, (listing_id, 1)) for listing_id in (one, other))
    return 1 if first == second else few + more


__all__ = ["closeness", "informative", "joined", "lot"]
