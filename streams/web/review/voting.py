"""From votes to judgements: whoever votes publishes a vote, and what most people say is published as a judgement."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from fastapi import HTTPException, Request, status

from streams.brokers.topics import Topics
from streams.events import Judgement, Message, Verdict
from streams.events.clock import utc_now
from streams.events.votes import Vote, decided
from streams.web.services import Services

UNDONE_WITHIN: Final = timedelta(days=1)
"""How old a vote may be that 'undo' takes back without being told which."""

_Pair = tuple[str, str]


class Ruling(NamedTuple):
    """What votes come to, and whose they are."""

    verdict: Verdict
    by: str


class Opinions(NamedTuple):
    """What is known of a pair: who said what, and the judgement that stands."""

    votes: tuple[Vote, ...]
    standing: Judgement | None


def ruling(votes: Sequence[Vote], wanted: int) -> Ruling | None:
    """What people say of a pair, None while too few do.

    The newest `wanted` votes count: where one is enough the last person is right, and of three the majority.
    """
    counting = sorted(votes, key=lambda vote: (vote.at, vote.by))[-wanted:]
    verdict = decided(counting, wanted)
    if verdict is None:
        return None
    agreeing = [vote.by for vote in counting if vote.verdict is verdict] or [vote.by for vote in counting]
    return Ruling(verdict, ", ".join(agreeing))


def following(before: Opinions, after: Sequence[Vote], wanted: int) -> Judgement | None:
    """The judgement to publish once the votes on a pair are others; None to leave what stands.

    What stands is replaced by a decision only. It is taken back where it was the decision of the votes before and
    those after decide nothing; so one that was given without votes stays.
    """
    pair = (after or before.votes)[0].listing_ids
    stands = None if before.standing is None or before.standing.verdict is None else before.standing
    now, was = ruling(after, wanted), ruling(before.votes, wanted)
    known = None if stands is None else (stands.verdict, stands.by)
    if now is not None:
        return None if known == now else Judgement(pair, now.verdict, now.by, utc_now())
    return Judgement(pair, None) if known is not None and known == was else None


def opinions_of(connection: sqlite3.Connection, pair: _Pair) -> Opinions:
    """Who said what of a pair, the oldest vote first."""
    where = "where one = ? and other = ?"
    votes = connection.execute(f"select * from votes {where} order by at, by", pair)  # noqa: S608 - text of ours
    stands = connection.execute(f"select * from judgements {where}", pair).fetchone()  # noqa: S608 - likewise
    return Opinions(
        tuple(Vote(pair, row["by"], Verdict(row["verdict"]), row["at"]) for row in votes),
        None if stands is None else Judgement(pair, Verdict(stands["verdict"]), stands["by"], stands["at"]),
    )


def last_vote(connection: sqlite3.Connection, person: str) -> Vote | None:
    """What a person said last, if that is not long ago."""
    since = (datetime.now(UTC) - UNDONE_WITHIN).isoformat()
    row = connection.execute(
        "select * from votes where by = ? and at >= ? order by at desc limit 1", (person, since)
    ).fetchone()
    return None if row is None else Vote((row["one"], row["other"]), person, Verdict(row["verdict"]), row["at"])


@dataclass(frozen=True, slots=True)
class Voting:
    """Publishes votes one after another, and the judgements that follow."""

    services: Services
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def cast(self, pair: _Pair, person: str, verdict: Verdict) -> Opinions:
        """Have a person say something of a pair; what is known of the pair then.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        async with self._lock:
            return await self._publish(Vote.on(*pair, verdict, by=person, at=_now()))

    async def take_back(self, pair: _Pair, person: str) -> Vote | None:
        """Take back what a person said of a pair; None where that is nothing.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        async with self._lock:
            votes = (await self.opinions(pair)).votes
            return await self._withdraw(next((vote for vote in votes if vote.by == person), None))

    async def undo(self, person: str) -> Vote | None:
        """Take back what a person said last; None where that is nothing, or long ago.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        async with self._lock:
            return await self._withdraw(await asyncio.to_thread(lambda: last_vote(self._reading, person)))

    async def opinions(self, pair: _Pair) -> Opinions:
        """What is known of a pair."""
        return await asyncio.to_thread(lambda: opinions_of(self._reading, pair))

    @property
    def _reading(self) -> sqlite3.Connection:
        return self.services.store.reading

    async def _withdraw(self, vote: Vote | None) -> Vote | None:
        if vote is not None:
            await self._publish(Vote(vote.listing_ids, vote.by, None))
        return vote

    async def _publish(self, vote: Vote) -> Opinions:
        topics, pair = Topics(self.services.settings), vote.listing_ids
        before = await self.opinions(pair)
        await self.services.say([Message(topics.votes.name, vote.key, vote.to_bytes())])
        after = (await self.opinions(pair)).votes
        judgement = following(before, after, int(self.services.settings.review_votes))
        if judgement is not None:
            await self.services.say([Message(topics.judgements.name, judgement.key, judgement.to_bytes())])
        return await self.opinions(pair)


def _now() -> str:
    """Finer than other times, so that a person's votes have an order."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def ensure_pair(connection: sqlite3.Connection, one: str, other: str) -> _Pair:
    """Two listings as a pair, in order.

    Raises:
        HTTPException: they are one (422), or one of them was never published (404).
    """
    if one == other:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "One listing twice; two different ones are wanted.")
    for listing_id in (one, other):
        if connection.execute("select 1 from listings where listing_id = ?", (listing_id,)).fetchone() is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"Listing '{listing_id}' is not known here.")
    first, second = sorted((one, other))
    return first, second


async def voting_of(request: Request) -> Voting:
    """The one of this application, as a dependency."""
    state = request.app.state
    if not hasattr(state, "voting"):
        state.voting = Voting(state.services)
    found: Voting = state.voting
    return found
