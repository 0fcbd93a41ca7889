"""Parts of the live page: stories and counters, as HTML."""

from __future__ import annotations

import time
from typing import Final

from streams.web.live.causes import cause_of
from streams.web.live.reading import Counters, Some, counters, judges, shown
from streams.web.live.sparkline import sparkline
from streams.web.live.words import line_of
from streams.web.rendering import rendered
from streams.web.services import Standing
from streams.web.store import Store

_RECENT: Final = 5
_HOUR: Final = 60


def stories_part(store: Store, some: Some) -> str:
    """Stories as list items, and how many more there are."""
    connection = store.reading
    stories = [told.story for told in some.told]
    known = shown(connection, (one for story in stories for one in (story.about, *story.others[:2])))
    by = judges(connection, [story for story in stories if cause_of(story.cause).by_people])
    lines = [line_of(told, known, by) for told in some.told]
    return rendered("live_stories.html", lines=lines, more=some.more)


def counters_part(store: Store, standing: Standing | None = None) -> str:
    """Numbers and rates, and whether they may be old; a page says that by itself when it is loaded."""
    now_ms = int(time.time() * 1000)
    found = counters(store.reading, now_ms)
    return rendered(
        "live_counters.html",
        counters=found,
        rate=_rate(found),
        hour=sum(found.minutes[-_HOUR:]),
        spark=sparkline(found.minutes),
        behind=_behind(standing),
    )


def _behind(standing: Standing | None) -> str:
    if standing is None or (standing.connected and standing.caught_up):
        return ""
    if standing.connected:
        return "Reading what was published before: not everything is here yet."
    return "The broker does not answer: what you see may be old."


def _rate(found: Counters) -> str:
    """Events per minute over the last few."""
    return f"{sum(found.minutes[-_RECENT:]) / _RECENT:,.1f}".removesuffix(".0")
