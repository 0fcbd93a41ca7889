"""Events of the topic `matches`: the whole current list of a listing, with what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import orjson

from encoders.types import Modality
from streams.events.clock import utc_now
from streams.events.headers import told_headers
from streams.events.refusals import not_ours

Evidence = Mapping[str, float | str]
"""Modality name to similarity, and 'rule' to what decided."""

_NUMBERS = frozenset({"probability", *Modality})


@dataclass(frozen=True, slots=True)
class Match:
    """One listing that is the same product, with what the decision rests on.

    Args:
        similarity: the combined one.
        strong: whether it needs no second match to join two products.
    """

    listing_id: str
    similarity: float
    evidence: Evidence
    strong: bool = True

    def to_json(self) -> dict[str, Any]:
        """As in the public contract."""
        return {
            "listing_id": self.listing_id,
            "similarity": self.similarity,
            "strong": self.strong,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_json`."""
        similarity, evidence = float(value["similarity"]), _evidence(dict(value["evidence"]))
        return cls(_named(value["listing_id"]), similarity, evidence, bool(value.get("strong", True)))


class MatchList(NamedTuple):
    """What was decided around one listing.

    Attributes:
        matches: listings that are the same product, the highest score first.
        review: listings that may be, for people to look at.
        overruled: listings that would match, if nobody had said that they are different.
    """

    matches: tuple[Match, ...] = ()
    review: tuple[Match, ...] = ()
    overruled: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """What subscribers are told about one listing.

    Args:
        revision: grows with each change of the list; a repeated one is the same news again.
        matches: the list, the highest score first; None when the listing is gone.
        added: ids in the list that were not in the list told before.
        removed: ids that were told before, or may have been by an attempt that was cut off, and are not in the list.
        review: listings that may be the same product, for people to look at.
        overruled: listings that would match, if nobody had said that they are different.
        bundle: whose encoders and thresholds decided.
        thresholds: their version.
    """

    listing_id: str
    revision: int
    generation: str
    cause: str
    matches: tuple[Match, ...] | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    occurred_at: str = ""
    review: tuple[Match, ...] = ()
    bundle: str = ""
    thresholds: str = ""
    overruled: tuple[Match, ...] = ()

    def to_bytes(self) -> bytes | None:
        """As the value of a record; None, a tombstone, when the listing is gone."""
        if self.matches is None:
            return None
        return orjson.dumps(
            {
                "listing_id": self.listing_id,
                "revision": self.revision,
                "generation": self.generation,
                "occurred_at": self.occurred_at or utc_now(),
                "cause": self.cause,
                "matches": [match.to_json() for match in self.matches],
                "added": self.added,
                "removed": self.removed,
                "review": [match.to_json() for match in self.review],
                "overruled": [match.to_json() for match in self.overruled],
                "bundle": self.bundle,
                "thresholds": self.thresholds,
            }
        )

    def headers(self) -> Mapping[str, bytes]:
        """Beside a tombstone, what it can't say itself."""
        return told_headers(self.revision, self.generation) if self.matches is None else {}

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `to_bytes`; a tombstone has revision 0, for it carries none. Unknown fields are ignored.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            listing_id = (key or b"").decode()
            return cls(listing_id, 0, "", "", None) if value is None else cls._of(orjson.loads(value))
        except (ValueError, KeyError, TypeError) as error:
            wanted, remedy = "what docs/schemas/match-event.json says", "let nobody else write into the topic"
            raise not_ours("match event of", key, error, wanted=wanted, remedy=remedy) from error

    @classmethod
    def _of(cls, fields: Mapping[str, Any]) -> Self:
        return cls(
            listing_id=_named(fields["listing_id"]),
            revision=fields["revision"],
            generation=fields["generation"],
            cause=fields["cause"],
            matches=tuple(Match.from_json(match) for match in fields["matches"]),
            added=tuple(fields["added"]),
            removed=tuple(fields["removed"]),
            occurred_at=fields["occurred_at"],
            review=tuple(Match.from_json(match) for match in fields.get("review", ())),
            overruled=tuple(Match.from_json(match) for match in fields.get("overruled", ())),
            bundle=fields.get("bundle", ""),
            thresholds=fields.get("thresholds", ""),
        )


def _evidence(value: Evidence) -> Evidence:
    """Evidence as it is told; who reads the topic counts with its numbers."""
    for name, one in value.items():
        if not isinstance(one, str if name == "rule" else float | int | str):
            raise TypeError(f"evidence '{name[:40]}' that is neither number nor text")
        if name in _NUMBERS and isinstance(one, str):
            raise TypeError(f"evidence '{name}' that is no number")
    return value


def _named(listing_id: object) -> str:
    """An id as it is told; who reads the topic keeps things by it."""
    if not isinstance(listing_id, str):
        raise TypeError("a listing id that is no text")
    return listing_id
