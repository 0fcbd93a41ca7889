"""Server-sent events: what is new, as parts of the page, a few times a second at most.

Nothing is kept for a watcher but the id of the story it saw last. One that reads slowly holds up nobody: while its
connection takes nothing more it asks for nothing, and gets the newest afterwards with the number of what it missed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from fastapi.responses import StreamingResponse
from starlette.types import Send

from streams.web.live.reading import Wanted, newer
from streams.web.live.showing import counters_part, stories_part
from streams.web.services import Services
from streams.web.store import Store

AT_ONCE: Final = 30
"""Stories in one push; of a burst the newest, and how many more there were."""
HEARTBEAT_S: Final = 15.0
SEND_WITHIN_S: Final = 30.0
"""After so long a watcher that takes nothing is let go; it may come back."""
_RETRY: Final = b"retry: 2000\n\n"
_LINES: Final = re.compile(r"\r\n|\r|\n")


def sent_event(name: str, data: str, event_id: int | None = None) -> bytes:
    """As it goes over the wire: each line of the data by itself, whatever breaks lines in it.

    Source: WHATWG HTML, server-sent events, section 9.2.6.
    """
    lines = [f"event: {name}", *(f"data: {line}" for line in _LINES.split(data))]
    if event_id is not None:
        lines.append(f"id: {event_id}")
    return ("\n".join(lines) + "\n\n").encode()


@dataclass(frozen=True, slots=True)
class News:
    """What a watcher gets: a part of the page, empty if nothing concerns it, and the id it has seen all up to."""

    html: str
    up_to: int


async def stream(used: Services, wanted: Wanted, after: int) -> AsyncGenerator[bytes, None]:
    """What one watcher gets, from the story after `after` on, until it leaves or the server closes."""
    store, feed = used.store, used.feed
    with feed.watching() as bell:
        yield _RETRY
        counted = ""
        while not bell.over:
            news = await feed.once((wanted, after), partial(_news, store, wanted, after))
            if news.html:
                yield sent_event("stories", news.html, news.up_to)
            elif news.up_to > after:
                yield f"id: {news.up_to}\n\n".encode()
            after = news.up_to
            numbers = await feed.once("counters", partial(counters_part, store, used.standing))
            if numbers != counted:
                counted = numbers
                yield sent_event("counters", numbers)
            if not await bell.heard(HEARTBEAT_S):
                yield b": still here\n\n"
            await feed.next_slot()


class EventStream(StreamingResponse):
    """An answer that goes on, and ends when nobody takes it."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        """Of these events; they are closed with it."""
        self._events = events
        super().__init__(events, headers={"X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        """Send each part within a time."""

        async def in_time(message: object) -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)  # type: ignore[arg-type]

        with suppress(TimeoutError):
            async with aclosing(self._events):
                await super().stream_response(in_time)


def _news(store: Store, wanted: Wanted, after: int) -> News:
    some = newer(store.reading, wanted, after, AT_ONCE)
    return News(stories_part(store, some) if some.told else "", some.up_to)
