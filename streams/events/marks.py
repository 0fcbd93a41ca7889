"""Marks: 'look at this listing again'. They carry no data; the cause is told to people only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import orjson


@dataclass(frozen=True, slots=True)
class Mark:
    """A listing to be computed again, and the first cause of it."""

    listing_id: str
    cause: str = ""

    def to_bytes(self) -> bytes:
        """As the value of a record."""
        return orjson.dumps({"cause": self.cause})

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `to_bytes`; a mark whose cause can't be read is still a mark."""
        try:
            cause = str(orjson.loads(value or b"{}").get("cause", ""))
        except (ValueError, AttributeError):
            cause = ""
        return cls((key or b"").decode("utf-8", "replace"), cause)
