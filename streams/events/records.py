"""A message as the broker hands it over, and the dead letter made of one that is laid aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

HEADER: Final = "matchstream."
"""Beginning of the names of headers that are ours, not the sender's."""


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


def dead_letter_headers(
    message: Message, reason: str, details: Mapping[str, str] = MappingProxyType({})
) -> dict[str, bytes]:
    """The original headers, with why the message was laid aside, where it came from, and details if there are any."""
    told = {
        "reason": reason,
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
        "timestamp-ms": str(message.timestamp_ms),
        **{name: detail for name, detail in details.items() if detail},
    }
    ours = {f"{HEADER}{name}": words.encode("utf-8", "replace") for name, words in told.items()}
    return {**original_headers(message.headers), **ours}


def original_headers(headers: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those that the sender wrote."""
    return {name: value for name, value in headers.items() if not name.startswith(HEADER)}
