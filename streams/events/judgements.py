"""Events of the topic `judgements`: people's verdicts on pairs of listings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import orjson

from streams.errors import UnreadableEventError
from streams.events.listing_model import MAX_ID_LENGTH
from streams.events.refusals import shortened


class Verdict(StrEnum):
    """What a person says of two listings."""

    SAME = "same"
    """They are one product, whatever the similarities say."""

    DIFFERENT = "different"
    """They are not."""

    UNSURE = "unsure"
    """Looked at and left open: decided as if nobody had."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on two listings; a later one on the same two replaces it.

    Args:
        listing_ids: the two, in order.
        verdict: None takes back what was said.
        by: who says it.
        at: when, in ISO 8601.
    """

    listing_ids: tuple[str, str]
    verdict: Verdict | None
    by: str = ""
    at: str = ""

    @classmethod
    def on(cls, one: str, other: str, verdict: Verdict | None, *, by: str = "", at: str = "") -> Self:
        """A verdict on two listings in either order."""
        first, second = sorted((one, other))
        return cls((first, second), verdict, by, at)

    @property
    def key(self) -> bytes:
        """The record's key: one per pair, so that compaction keeps the last verdict on it."""
        return orjson.dumps(self.listing_ids)

    def other(self, listing_id: str) -> str:
        """The one of the two that is not this one."""
        one, two = self.listing_ids
        return two if listing_id == one else one

    def to_bytes(self) -> bytes | None:
        """As the value of a record; None, a tombstone, takes back."""
        if self.verdict is None:
            return None
        return orjson.dumps({"listing_ids": self.listing_ids, "verdict": self.verdict, "by": self.by, "at": self.at})

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `key` and `to_bytes`; fields that are not known are ignored.

        Raises:
            UnreadableEventError: it is no verdict on two different listings.
        """
        try:
            one, other = _pair(orjson.loads(key or b""))
            return cls((one, other), None) if value is None else cls._of((one, other), orjson.loads(value))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableEventError(
                f"judgement {(key or b'')[:80]!r}",
                got=shortened(str(error) or type(error).__name__),
                wanted='a key ["A", "B"] in order, and a verdict: same, different or unsure',
                remedy="write judgements with 'matchstream judge', or as docs/schemas/judgement.json says",
            ) from error

    @classmethod
    def _of(cls, listing_ids: tuple[str, str], fields: Mapping[str, Any]) -> Self:
        return cls(listing_ids, Verdict(fields["verdict"]), str(fields.get("by", "")), str(fields.get("at", "")))


def _pair(key: object) -> tuple[str, str]:
    """A key as two listing ids; JSON of another kind could be taken apart as well, as '"AB"' into A and B."""
    if isinstance(key, list) and all(isinstance(one, str) and one.strip() for one in key):
        one, other = key
        if one < other and max(len(one), len(other)) <= MAX_ID_LENGTH:
            return one, other
    raise ValueError("a key that is not two different ids in order")
