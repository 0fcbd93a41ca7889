"""A message as the broker hands it over, and the dead letter made of one that is laid aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from streams.events.headers import HEADER, Headers
from streams.redaction import without_login

__all__ = ["HEADER", "Message", "dead_letter_headers", "original_headers"]


@dataclass(frozen=True, slots=True)
class Message:
    """One record of a topic, nothing decoded.

    Args:
        offset: its place in the partition, -1 for a message not published yet.
        timestamp_ms: milliseconds since 1970, as the record carries it.
        headers: `Headers` where names may repeat, as they may in whatever was read from a topic.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int = 0
    offset: int = -1
    timestamp_ms: int = 0
    headers: Mapping[str, bytes | None] = field(default_factory=Headers)


def dead_letter_headers(message: Message, reason: str, details: Mapping[str, str] = MappingProxyType({})) -> Headers:
    """The original headers, with why the message was laid aside, where it came from, and details if there are any."""
    told = {
        "reason": reason,
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
        "timestamp-ms": str(message.timestamp_ms),
        **{name: detail for name, detail in details.items() if detail},
    }
    ours = ((f"{HEADER}{name}", without_login(words).encode("utf-8", "replace")) for name, words in told.items())
    return Headers([*original_headers(message.headers).pairs, *ours])


def original_headers(headers: Mapping[str, bytes | None]) -> Headers:
    """Those that the sender wrote."""
    return Headers((name, value) for name, value in Headers.of(headers).pairs if not name.startswith(HEADER))
