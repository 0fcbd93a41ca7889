"""The live page."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response, status

from streams.web.live import choices
from streams.web.live.reading import Wanted, last_id, older
from streams.web.live.showing import counters_part, stories_part
from streams.web.live.stories import StoryKind
from streams.web.live.streaming import EventStream, stream
from streams.web.live.words import LABELS
from streams.web.rendering import page
from streams.web.services import Used

router = APIRouter(include_in_schema=False)

_PAGE = 50
_LONGEST = 200
_ID = re.compile(r"[0-9]{1,15}")


def wanted(
    kind: str = "",
    category: Annotated[str, Query(max_length=_LONGEST)] = "",
    seller: Annotated[str, Query(max_length=_LONGEST)] = "",
    words: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> Wanted:
    """What the query asks for; a kind that there is not asks for any."""
    known = kind in StoryKind._value2member_map_
    return Wanted(StoryKind(kind) if known else None, category.strip(), seller.strip(), words.strip())


Filter = Annotated[Wanted, Depends(wanted)]
Place = Annotated[int, Query(ge=0, le=2**53)]


@router.get("/")
def live(request: Request, used: Used, some: Filter) -> Response:
    """What happened in the last hours, and what happens now."""
    connection = used.store.reading
    last = last_id(connection)
    found = older(connection, some, last + 1, _PAGE)
    return page(
        request,
        "live.html",
        stories=stories_part(used.store, found),
        found=found,
        counters=counters_part(used.store),
        wanted=some,
        query=_query(some),
        last=last,
        labels=LABELS,
        choices=choices.known(connection),
    )


@router.get("/live/stories")
def stories(used: Used, some: Filter, before: Place) -> Response:
    """Older ones."""
    found = older(used.store.reading, some, before, _PAGE)
    html = stories_part(used.store, found)
    return Response(html, media_type="text/html", headers={"X-More": str(found.more)})


@router.get("/live/events")
async def events(used: Used, some: Filter, after: Place = 0, last_event_id: Annotated[str, Header()] = "") -> Response:
    """What comes after a story, as server-sent events; whoever comes back says what it saw last."""
    if used.feed.full:
        words = "Too many pages watch now; this one asks every few seconds instead."
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, words, {"Retry-After": "10"})
    seen = int(last_event_id) if _ID.fullmatch(last_event_id) else after
    return EventStream(stream(used, some, seen))


def _query(some: Wanted) -> str:
    fields = {"kind": some.kind or "", "category": some.category, "seller": some.seller, "words": some.words}
    return urlencode({name: value for name, value in fields.items() if value})
