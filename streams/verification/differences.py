"""What verification can find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What lies behind a difference."""

    ROUNDING = "rounding"
    """A similarity within 1e-5 of a threshold, or a derived row within that: two sums of float32 rows may differ."""

    CUT = "cut"
    """A list or a neighborhood that is as long as it may be, with somebody left over."""

    APPROXIMATE = "approximate"
    """The index's search does not find all that comparing everything with everything finds."""

    FAULT = "fault"
    """What is stored is not what follows from what is stored, or not what was told."""


class What(StrEnum):
    """Which value differs."""

    RECORD = "record"
    LISTING = "listing"
    DERIVED = "derived embedding"
    BLENDED = "blended embedding"
    LIST = "match list"
    PRODUCT = "product"
    PRODUCT_OF_LISTING = "product of a listing"
    MATCHES_TOPIC = "matches topic"
    PRODUCTS_TOPIC = "products topic"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the reference says.

    Args:
        subject: a listing's or a product's id.
        words: how, in words.
    """

    kind: Kind
    subject: str
    what: What
    words: str
