"""The page of review: what it shows, and the forms on it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from streams.events import Verdict
from streams.events.listing_model import MAX_ID_LENGTH, Identifier
from streams.web.rendering import page
from streams.web.review.desk import Desk, Pair, desk, in_order
from streams.web.review.queue import Pick, Queue, categories
from streams.web.review.voting import Voting, ensure_pair, voting_of
from streams.web.safety.sessions import Person, writer
from streams.web.services import Services, Used

router = APIRouter(include_in_schema=False)

_Votes = Annotated[Voting, Depends(voting_of)]
_Writer = Annotated[Person, Depends(writer)]
_Named = Annotated[str | None, Query(max_length=MAX_ID_LENGTH)]


class Chosen(BaseModel):
    """Which queue somebody works on; hidden fields of the forms."""

    queue: Queue = Queue.UNDECIDED
    category: str = ""

    def pick(self, person: Person | None) -> Pick:
        """What that person sees."""
        return Pick(self.queue, person.name if person else "", self.category or None)


class Said(Chosen):
    """What the buttons send."""

    one: Identifier
    other: Identifier
    verdict: Verdict


@router.get("/review")
def review(
    request: Request, used: Used, chosen: Annotated[Chosen, Depends()], one: _Named = None, other: _Named = None
) -> Response:
    """The next pair, or the one that is named."""
    connection = used.store.reading
    pair = in_order(one, other) if one and other and one != other else None
    seen = desk(connection, used.settings, chosen.pick(used.sessions.person_of(request)), pair)
    if seen is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such pair: one of the two listings is not known.")
    return page(request, "review.html", desk=seen, categories=categories(connection, chosen.queue))


@router.post("/review/vote")
async def vote(request: Request, used: Used, votes: _Votes, person: _Writer, said: Annotated[Said, Form()]) -> Response:
    """Take a vote, and show the next pair."""
    pair = await run_in_threadpool(lambda: ensure_pair(used.store.reading, said.one, said.other))
    await votes.cast(pair, person.name, said.verdict)
    seen = await _desk(used, said.pick(person))
    return _answer(request, seen, f"Said: {said.verdict}.")


@router.post("/review/undo")
async def undo(
    request: Request, used: Used, votes: _Votes, person: _Writer, chosen: Annotated[Chosen, Form()]
) -> Response:
    """Take the person's last vote back, and show its pair again."""
    taken = await votes.undo(person.name)
    pick = chosen.pick(person)
    seen = await _desk(used, pick, None if taken is None else taken.listing_ids)
    words = (
        "There is nothing of yours from the last day to take back."
        if taken is None
        else f"Taken back: {taken.verdict}."
    )
    return _answer(request, seen, words, None if taken is None else taken.listing_ids)


async def _desk(used: Services, pick: Pick, pair: Pair | None = None) -> Desk:
    def look() -> Desk:
        connection, settings = used.store.reading, used.settings
        return desk(connection, settings, pick, pair) or desk(connection, settings, pick) or Desk(pick, 0, 0)

    return await run_in_threadpool(look)


def _answer(request: Request, seen: Desk, said: str, pair: Pair | None = None) -> Response:
    """The part of the page that changes; the whole one for browsers that run no scripts."""
    if request.headers.get("HX-Request") != "true":
        named = "" if pair is None else "&" + urlencode({"one": pair[0], "other": pair[1]})
        return RedirectResponse(seen.address + named, status.HTTP_303_SEE_OTHER)
    return page(request, "review_pair.html", headers={"HX-Replace-Url": seen.address}, desk=seen, said=said)
