"""Which of two events about one listing is newer, whatever the order in which they arrive.

The order is total: stated versions beat unstated ones, then the higher number, then a withdrawal
beats the listing it withdraws, then the digest of the content decides, so that two events that
claim the same version end the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The version of one listing event; compares as newer.

    Args:
        stated: the seller gave the number; otherwise it is the record's timestamp in ms.
        number: grows with every change of the listing.
        withdrawn: the event withdraws the listing.
        digest: of the event's content, empty for a withdrawal.
    """

    stated: bool
    number: int
    withdrawn: bool = False
    digest: str = ""

    def against(self, stored: Version | None) -> Version:
        """This version as it counts where `stored` is known.

        A withdrawal that states no version withdraws what is there now, whatever its number.
        """
        if self.withdrawn and not self.stated and stored is not None and stored.stated:
            return Version(stated=True, number=stored.number, withdrawn=True)
        return self

    def to_json(self) -> list[Any]:
        """As a JSON array, for messages and payloads."""
        return [self.stated, self.number, self.withdrawn, self.digest]

    @classmethod
    def from_json(cls, value: list[Any]) -> Self:
        """Back from `to_json`."""
        stated, number, withdrawn, digest = value
        return cls(stated=bool(stated), number=int(number), withdrawn=bool(withdrawn), digest=str(digest))
