"""Review for programs: the next pair, votes and judgements."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, status
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from streams.events import Verdict
from streams.events.listing_model import MAX_ID_LENGTH, Identifier
from streams.web.review.queue import Pick, Queue, next_pair, waiting_pairs
from streams.web.review.voting import Opinions, Voting, ensure_pair, opinions_of, voting_of
from streams.web.safety.problems import documented
from streams.web.safety.sessions import Person, writer
from streams.web.services import Used

router = APIRouter(tags=["review"])

_Votes = Annotated[Voting, Depends(voting_of)]
_Writer = Annotated[Person, Depends(writer)]
_Id = Annotated[str, Query(min_length=1, max_length=MAX_ID_LENGTH)]


class VoteIn(BaseModel):
    """What somebody says of two listings."""

    one: Identifier = Field(description="A listing's id")
    other: Identifier = Field(description="Another's")
    verdict: Verdict


class VoteOut(BaseModel):
    """What somebody said, and when."""

    by: str
    verdict: Verdict
    at: str = Field(description="When, in ISO 8601 and UTC")


class Judged(BaseModel):
    """What people said of two listings, and what follows."""

    one: str = Field(description="The listing whose id is the smaller one")
    other: str
    verdict: Verdict | None = Field(
        description="The judgement that stands, which the flow follows; null where none does"
    )
    by: str = Field(description="Whose it is; empty where none stands")
    at: str = Field(description="Since when; empty where none stands")
    votes: list[VoteOut] = Field(description="Who said what, the oldest first")


class NextPair(BaseModel):
    """Two listings that somebody should look at."""

    one: str
    other: str
    category: str | None
    joined: int = Field(description="How many listings a 'same' would bring into one product; 1 where they are in one")
    votes: int = Field(description="How many people have voted on the pair")


class Next(BaseModel):
    """What comes next in a queue."""

    pair: NextPair | None = Field(description="Null where no pair waits")
    waiting: int = Field(description="How many pairs wait for whoever asks")


@router.get("/review/next", responses=documented(422))
def upcoming(
    request: Request,
    used: Used,
    queue: Queue = Queue.UNDECIDED,
    category: Annotated[str | None, Query(max_length=1_000, description="As a seller wrote it")] = None,
) -> Next:
    """The pair that whoever asks should look at next: judged by nobody, and not voted on by this person."""
    person = used.sessions.person_of(request)
    pick = Pick(queue, person.name if person else "", category)
    found = next_pair(used.store.reading, pick)
    pair = None if found is None else NextPair(**asdict(found))
    return Next(pair=pair, waiting=waiting_pairs(used.store.reading, pick))


@router.post("/votes", responses=documented(400, 401, 403, 404, 422, 503))
async def vote(used: Used, votes: _Votes, person: _Writer, said: VoteIn) -> Judged:
    """Say whether two listings are one product. What was said before on the pair is replaced.

    Where enough people agree, the judgement is published at once, and the matches follow.
    """
    pair = await run_in_threadpool(lambda: ensure_pair(used.store.reading, said.one, said.other))
    return _judged(pair, await votes.cast(pair, person.name, said.verdict))


@router.delete("/votes", responses=documented(401, 403, 404, 422, 503))
async def take_back(used: Used, votes: _Votes, person: _Writer, one: _Id, other: _Id) -> Judged:
    """Take back what was said of two listings, and the judgement with it where it hangs on that."""
    pair = await run_in_threadpool(lambda: ensure_pair(used.store.reading, one, other))
    if await votes.take_back(pair, person.name) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no vote of '{person.name}' on this pair.")
    return _judged(pair, await votes.opinions(pair))


@router.post("/votes/undo", responses=documented(401, 403, 404, 503))
async def undo(votes: _Votes, person: _Writer) -> Judged:
    """Take back what was said last, if that is not older than a day."""
    taken = await votes.undo(person.name)
    if taken is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no vote of '{person.name}' from the last day.")
    return _judged(taken.listing_ids, await votes.opinions(taken.listing_ids))


@router.get("/judgements", responses=documented(404, 422))
def judgements(used: Used, one: _Id, other: _Id) -> Judged:
    """What people said of two listings, and the judgement that stands."""
    pair = ensure_pair(used.store.reading, one, other)
    return _judged(pair, opinions_of(used.store.reading, pair))


def _judged(pair: tuple[str, str], known: Opinions) -> Judged:
    stands = known.standing
    return Judged(
        one=pair[0],
        other=pair[1],
        verdict=stands and stands.verdict,
        by=stands.by if stands else "",
        at=stands.at if stands else "",
        votes=[VoteOut(by=vote.by, verdict=vote.verdict, at=vote.at) for vote in known.votes if vote.verdict],
    )
