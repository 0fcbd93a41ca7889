"""What a person who reviews sees: a pair, or that none is left, and how far the work is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from streams.events import Judgement, Verdict
from streams.events.votes import Vote
from streams.settings import Settings
from streams.web.review.queue import Pick, next_pair, votes_since, waiting_pairs
from streams.web.review.side_by_side import SideBySide, side_by_side
from streams.web.review.voting import opinions_of

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """One look at the queue.

    Args:
        pick: what the person chose to see.
        waiting: pairs that wait for this person.
        today: how many votes of this person's are of today, in UTC.
        sides: the pair; None where none is left.
        joined: how many listings a `same` would bring into one product; 0 where that is not known.
        votes: who said what of it before.
        judgement: that stands on it.
        wanted: people who are asked about each pair.
        blind: whether what the flow says of a pair is left out.
    """

    pick: Pick
    waiting: int
    today: int
    sides: SideBySide | None = None
    joined: int = 0
    votes: Sequence[Vote] = ()
    judgement: Judgement | None = None
    wanted: int = 1
    blind: bool = False

    @property
    def mine(self) -> Verdict | None:
        """What this person said of the pair before."""
        return next((vote.verdict for vote in self.votes if vote.by == self.pick.person), None)

    @property
    def address(self) -> str:
        """The page where the person goes on."""
        values = {"queue": self.pick.queue.value} | ({"category": self.pick.category} if self.pick.category else {})
        return f"/review?{urlencode(values)}"


def desk(connection: sqlite3.Connection, settings: Settings, pick: Pick, pair: Pair | None = None) -> Desk | None:
    """What a person sees next, or a certain pair; None where the page does not know the pair's listings."""
    found = next_pair(connection, pick) if pair is None else None
    shown = pair if found is None else (found.one, found.other)
    sides = None if shown is None else side_by_side(connection, shown, blind=settings.review_blind)
    if pair is not None and sides is None:
        return None
    midnight = datetime.now(UTC).date().isoformat()
    known = None if sides is None or shown is None else opinions_of(connection, shown)
    return Desk(
        pick,
        waiting_pairs(connection, pick),
        votes_since(connection, pick.person, midnight) if pick.person else 0,
        sides,
        found.joined if found else 0,
        known.votes if known else (),
        known.standing if known else None,
        int(settings.review_votes),
        settings.review_blind,
    )


def in_order(one: str, other: str) -> Pair:
    """A pair as it is kept, whichever listing is named first."""
    first, second = sorted((one, other))
    return first, second
