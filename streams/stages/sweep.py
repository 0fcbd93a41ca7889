"""The sweep: every listing is marked once in a while, so that whatever is stale, for whatever cause, ends by itself.

What no clock and no condition keeps out (a write that was under way when its worker was stopped, a
search that missed somebody, a fault of our own) stands until something near it changes. The sweep goes
through the index in the order of its ids, a page at a time and evenly over a period, and marks each
listing for every stage that derives something. Where it is, is kept outside the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

from streams.errors import IndexUnavailableError
from streams.events import Mark
from streams.index.port import Point, View
from streams.stages import state
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.index import finish

CAUSE: Final = "sweep"
DERIVING: Final = (Channel.REBLEND, Channel.REMATCH, Channel.REGROUP)
"""Who derives what from a listing. All three: a blend that is right marks nobody, however stale the list is."""

_PAUSE_S: Final = 60.0
"""What a page takes, about; and so long a record must stand still to be of nobody. Who dies sooner repeats a page."""
_LARGEST_PAGE: Final = 256
_RETRY_S: Final = 10.0

_log = logging.getLogger(__name__)


class Bookmark(Protocol):
    """Where the next page of a round starts; kept when the worker ends."""

    async def read(self) -> str | None:
        """A point's id; None at the beginning of a round."""

    async def write(self, place: str | None) -> None:
        """Return when it is kept."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Marks every listing once in a period.

    Args:
        dependencies: where listings are, and where marks go.
        bookmark: how far the round is.
        period_s: how long one round takes.
        sleep: waits for so many seconds.
    """

    dependencies: Dependencies
    bookmark: Bookmark
    period_s: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, turn: asyncio.Event) -> None:
        """Sweep while it is this worker's turn, for ever.

        Two that sweep at the same time do no harm: marks may be repeated, and the one bookmark leads both.
        """
        while True:
            await turn.wait()
            try:
                await self.page()
            except IndexUnavailableError as error:
                _log.warning("sweep: waits for the index, and tries this page again in %g s: %s", _RETRY_S, error)
                await self.sleep(_RETRY_S)

    async def page(self) -> None:
        """Mark one page, remember it when nothing of it is left over, and let the time pass that it may take."""
        index = self.dependencies.index
        size, pause_s = pace(await index.count(), self.period_s)
        start = await self.bookmark.read()
        page = await index.page(start, size)
        await self.dependencies.outbox.deliver(marks([point.listing_id for point in page.points], CAUSE))
        await self.sleep(settling_s := min(pause_s, _PAUSE_S))
        await self._finish(page.points)
        await self.bookmark.write(page.next)
        _tell(start, page.next)
        if pause_s > settling_s:
            await self.sleep(pause_s - settling_s)

    async def _finish(self, points: Sequence[Point]) -> None:
        """Carry on with changes of the truth that nobody will: their records stood still for a minute, or a page.

        Other records are those of the stages that are marked. A mark can't lead to this one: the index
        stage reads whole listings only.
        """
        name = state.PENDING[View.RAW]
        before = {point.listing_id: point.payload[name] for point in points if name in point.payload}
        now = await self.dependencies.index.read(before)
        left = [one for one, point in now.items() if point.payload.get(name) == before[one]]
        await finish(left, CAUSE, self.dependencies)


def marks(listing_ids: Sequence[str], cause: str) -> list[Letter]:
    """Marks of these listings for every stage that derives something."""
    return [Letter.mark(channel, Mark(listing_id, cause)) for channel in DERIVING for listing_id in listing_ids]


def pace(listings: int, period_s: float) -> tuple[int, float]:
    """How many listings a page has, and the seconds that it may take: about a minute, less where pages are large."""
    size = min(max(ceil(listings * _PAUSE_S / period_s), 1), _LARGEST_PAGE)
    return size, _PAUSE_S if listings == 0 else period_s * min(size, listings) / listings


def share_done(place: str | None) -> float:
    """How much of a round lies before a place: ids are hashes, spread evenly."""
    return int(place[:8], 16) / 2**32 if place else 0.0


def _tell(start: str | None, after: str | None) -> None:
    if after is None:
        _log.info("sweep: every listing was marked in this round; the next one begins")
    elif (hundredth := int(100 * share_done(after))) > int(100 * share_done(start)):
        _log.info("sweep: %d%% of this round", hundredth)
