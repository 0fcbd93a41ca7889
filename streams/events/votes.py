"""Events of the topic `votes`: what each person said of a pair of listings; judgements are made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import orjson

from streams.errors import UnreadableEventError
from streams.events.judgements import Judgement, Verdict
from streams.events.refusals import shortened

MAX_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's verdict on two listings; a later one of the same person replaces it.

    Args:
        listing_ids: the two, in order.
        by: who says it.
        verdict: None takes back what was said.
        at: when, in ISO 8601.
    """

    listing_ids: tuple[str, str]
    by: str
    verdict: Verdict | None
    at: str = ""

    @classmethod
    def on(cls, one: str, other: str, verdict: Verdict | None, *, by: str, at: str = "") -> Self:
        """A vote on two listings in either order."""
        first, second = sorted((one, other))
        return cls((first, second), by, verdict, at)

    @property
    def key(self) -> bytes:
        """The record's key: one per pair and person."""
        return orjson.dumps([*self.listing_ids, self.by])

    def to_bytes(self) -> bytes | None:
        """As the value of a record; None, a tombstone, takes back."""
        if self.verdict is None:
            return None
        return orjson.dumps({"listing_ids": self.listing_ids, "verdict": self.verdict, "by": self.by, "at": self.at})

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `key` and `to_bytes`; fields that are not known are ignored.

        Raises:
            UnreadableEventError: it is no vote of somebody on two different listings.
        """
        try:
            *pair, by = orjson.loads(key or b"")
            judgement = Judgement.from_bytes(orjson.dumps(pair), value)
            if not isinstance(by, str) or not 0 < len(by) <= MAX_NAME_LENGTH:
                raise ValueError("a key without a name")  # noqa: TRY301 - one error for whatever is wrong with it
        except (ValueError, TypeError, UnreadableEventError) as error:
            raise UnreadableEventError(
                f"vote {(key or b'')[:80]!r}",
                got=shortened(str(error) or type(error).__name__),
                wanted='a key ["A", "B", "NAME"], and a verdict: same, different or unsure',
                remedy="vote on the page of 'matchstream serve', or write what docs/schemas/vote.json says",
            ) from error
        return cls(judgement.listing_ids, by, judgement.verdict, judgement.at)


def decided(votes: Iterable[Vote], wanted: int) -> Verdict | None:
    """What most of `wanted` people say: the verdict that more than half of them gave; None while there is none.

    Who is unsure counts as one who was asked: when all were and no verdict has a majority, the pair is left open.
    """
    said = [vote.verdict for vote in votes if vote.verdict is not None]
    for verdict in (Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE):
        if said.count(verdict) * 2 > wanted:
            return verdict
    return Verdict.UNSURE if len(said) >= wanted else None
