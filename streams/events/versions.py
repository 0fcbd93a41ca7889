"""Which events about one listing count, whatever the order in which they arrive and how often.

What is known of a listing, its `Standing`, is the join of all its events: the newest version, the
first record that carried it, and the last withdrawal that states no version. Joining is commutative,
associative and idempotent, so that replays, repeats and races all end the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The version of one listing event; the greater is the newer.

    Stated versions beat unstated ones, then the higher number, then what came later in its millisecond, then
    a withdrawal beats the listing it withdraws, then the digest decides, so that two events which claim one
    version end the same everywhere.

    Args:
        stated: the seller gave the number; otherwise it is the record's timestamp in ms.
        number: grows with every change of the listing.
        withdrawn: the event withdraws the listing.
        digest: of the event's content, empty for a withdrawal.
        offset: of the record, where no version was stated: several records can carry one timestamp.
    """

    stated: bool
    number: int
    offset: int = field(default=0, kw_only=True)
    withdrawn: bool = False
    digest: str = ""

    def to_json(self) -> list[Any]:
        """As a JSON array, for messages and payloads."""
        return [self.stated, self.number, self.withdrawn, self.digest, self.offset]

    @classmethod
    def from_json(cls, value: list[Any]) -> Self:
        """Back from `to_json`.

        Raises:
            TypeError: a number is none.
            ValueError: one is missing.
        """
        stated, number, withdrawn, digest, offset = value
        return cls(bool(stated), _whole(number), bool(withdrawn), str(digest), offset=_whole(offset))


class Position(NamedTuple):
    """Where in its topic a record stands; the greater came later.

    Attributes:
        timestamp_ms: of the record, in milliseconds since 1970.
        offset: of the record, among those of one millisecond.
    """

    timestamp_ms: int
    offset: int

    @classmethod
    def from_json(cls, value: list[Any]) -> Self:
        """Back from its JSON array; raises as `Version.from_json` does."""
        timestamp_ms, offset = value
        return cls(_whole(timestamp_ms), _whole(offset))


_NEVER = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that events have said about which version of a listing counts.

    Args:
        version: the newest, None while there was none.
        published: the first record that carried it.
        withdrawn_at: the last withdrawal that stated no version: it withdraws what was published before it.
    """

    version: Version | None = None
    published: Position = _NEVER
    withdrawn_at: Position | None = None

    @property
    def listed(self) -> bool:
        """Whether the listing is there."""
        if self.version is None or self.version.withdrawn:
            return False
        return self.withdrawn_at is None or self.withdrawn_at < self.published

    def after(self, version: Version | None, position: Position) -> Standing:
        """Joined with one more event; `version` is None for a withdrawal that states none."""
        if version is None:
            return replace(self, withdrawn_at=max(self.withdrawn_at or position, position))
        if self.version is None or version > self.version:
            return replace(self, version=version, published=position)
        if version == self.version:
            return replace(self, published=min(self.published, position))
        return self

    def to_json(self) -> dict[str, Any]:
        """As a payload value."""
        return {
            "version": self.version.to_json() if self.version else None,
            "published": list(self.published),
            "withdrawn_at": list(self.withdrawn_at) if self.withdrawn_at else None,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from `to_json`."""
        version, withdrawn_at = value.get("version"), value.get("withdrawn_at")
        return cls(
            version=Version.from_json(version) if version else None,
            published=Position.from_json(value["published"]),
            withdrawn_at=Position.from_json(withdrawn_at) if withdrawn_at else None,
        )


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
