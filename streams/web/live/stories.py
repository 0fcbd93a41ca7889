"""What happened, as the live page tells it: one story for one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StoryKind(StrEnum):
    """What happened."""

    FOUND = "found"
    LOST = "lost"
    REVIEW = "review"
    JUDGED = "judged"
    MERGED = "merged"
    SPLIT = "split"
    DROP = "drop"
    RISE = "rise"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Story:
    """One change.

    Args:
        about: the listing it is about; of products, the first member.
        others: the listings on the other side.
        at_ms: when, in ms since 1970.
        cause: of the event, as it was told.
        facts: numbers and names that belong to the kind.
    """

    kind: StoryKind
    about: str
    others: tuple[str, ...]
    at_ms: int
    cause: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
