"""Reading marks: one listing marked several times in a batch is one listing to look at."""

from __future__ import annotations

from collections.abc import Iterable

from streams.events import Mark, Message


def causes_of(messages: Iterable[Message]) -> dict[str, str]:
    """The listings a batch marks, each with the first cause."""
    causes: dict[str, str] = {}
    for message in messages:
        mark = Mark.from_bytes(message.key, message.value)
        causes.setdefault(mark.listing_id, mark.cause)
    return causes
