"""A message as the broker hands it over, and the dead letter made of one that can't be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_HEADER = "matchstream."


@dataclass(frozen=True, slots=True)
class Message:
    """One record of a topic, nothing decoded.

    Args:
        offset: its place in the partition, -1 for a message not published yet.
        timestamp_ms: milliseconds since 1970, as the record carries it.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int = 0
    offset: int = -1
    timestamp_ms: int = 0
    headers: Mapping[str, bytes] = field(default_factory=dict)


def dead_letter_headers(message: Message, reason: str) -> dict[str, bytes]:
    """The original headers, with why the message could not be read and where it came from."""
    return {
        **message.headers,
        _HEADER + "reason": reason.encode("utf-8", "replace"),
        _HEADER + "topic": message.topic.encode(),
        _HEADER + "partition": str(message.partition).encode(),
        _HEADER + "offset": str(message.offset).encode(),
        _HEADER + "timestamp-ms": str(message.timestamp_ms).encode(),
    }
