"""GTINs: the numbers under bar codes."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]+")
_DIGITS = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_LONGEST = 40
_SHORT = "000000"
"""What a GTIN-8 begins with as a GTIN-14."""
_RESTRICTED = ("02", "04", "05", "2", "98", "99")
"""Prefixes of a GTIN-13 that a shop gives as it likes, by weight for instance, and those of coupons."""
_RESTRICTED_SHORT = ("0", "2")
_VARIABLE = "9"
"""The first digit of a GTIN-14 of things that are sold by measure."""


def normalised_gtin(text: str) -> str | None:
    """A GTIN-8, -12, -13 or -14 as the GTIN-14 that is the same number; None if it identifies nothing.

    Blanks and hyphens are allowed. What identifies nothing: a wrong length or check digit, and numbers
    that every shop gives for itself.

    Source: GS1 General Specifications, check digit calculation and GS1 prefixes.
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text[:_LONGEST]).strip())
    if not _DIGITS.fullmatch(digits):
        return None
    gtin = digits.zfill(14)
    return gtin if _check_digit(gtin[:-1]) == gtin[-1] and _identifies(gtin) else None


def _check_digit(digits: str) -> str:
    """Weights are 3 and 1 by turns, from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _identifies(gtin: str) -> bool:
    if gtin.startswith(_SHORT):
        return not gtin[len(_SHORT) :].startswith(_RESTRICTED_SHORT)
    return gtin[0] != _VARIABLE and not gtin[1:].startswith(_RESTRICTED)
