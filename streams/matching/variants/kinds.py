"""What can tell two variants of a product apart."""

from __future__ import annotations

from enum import StrEnum


class VetoKind(StrEnum):
    """One way in which two listings' words can contradict each other."""

    GTIN = "gtin"
    """Both state a valid GTIN, and they differ."""

    AMOUNT = "amount"
    """Amounts with units: volume, weight, length, power and the like."""

    PACK = "pack"
    """How many are sold together."""

    STORAGE = "storage"
    """Memory and disk sizes."""

    SIZE = "size"
    """Sizes of clothes and shoes."""

    COLOUR = "colour"
    """Colours, where they make a product of their own."""

    MODEL = "model"
    """Model numbers: words of letters and digits that only one side has."""
