"""The takeover: a generation that has become live tells subscribers where it sees things otherwise.

It goes through the index once, page by page, and marks whom subscribers know something else of; the stages
that own what is told tell it, with revisions that go on growing. Whoever is not marked is known rightly: by
the time this begins, every worker of the generation knows that it is live and tells what it changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from streams.errors import IndexUnavailableError
from streams.events import Mark
from streams.index.port import Point
from streams.stages import state
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.state import Heard
from streams.stages.sweep import Bookmark
from streams.stages.takeover_products import product_differs

_PAGE: Final = 256
_RETRY_S: Final = 10.0
_THROUGH: Final = "through"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Takeover:
    """Marks what a generation that has become live has to tell.

    Args:
        dependencies: where listings are, and where marks go.
        bookmark: how far it is, and in which promotion.
        due: returns the number of a promotion when its takeover is to be made.
        sleep: waits for so many seconds.
    """

    dependencies: Dependencies
    bookmark: Bookmark
    due: Callable[[], Awaitable[int]]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, turn: asyncio.Event) -> None:
        """Make each takeover that falls due while it is this worker's turn, for ever."""
        while True:
            promotion = await self.due()
            await turn.wait()
            try:
                if await self.page(promotion):
                    await self.sleep(_RETRY_S)  # until the roster says that it is settled
            except IndexUnavailableError as error:
                _log.warning("takeover: waits for the index, and tries this page again in %g s: %s", _RETRY_S, error)
                await self.sleep(_RETRY_S)

    async def page(self, promotion: int) -> bool:
        """Mark one page and remember it; whether all are through."""
        place = await self.bookmark.read()
        if is_through(place, promotion):
            return True
        start = _start(place, promotion)
        if start is None:
            _log.info("takeover: tells subscribers what generation '%s' sees otherwise", self._generation)
        page = await self.dependencies.index.page(start, _PAGE)
        await self.dependencies.outbox.deliver(differing(page.points, self._generation))
        await self.bookmark.write(f"{promotion}:{page.next or _THROUGH}")
        if page.next is None:
            _log.info("takeover: every listing was looked at")
        return page.next is None

    @property
    def _generation(self) -> str:
        return self.dependencies.generation


def differing(points: Sequence[Point], generation: str) -> list[Letter]:
    """Marks for those of whom subscribers know something else than this generation says."""
    cause = cause_of(generation)
    letters = []
    for point in points:
        mark = Mark(point.listing_id, cause)
        heard = Heard.of(point.payload) or Heard(0)
        if not heard.decides_as(state.matches_of(point.payload)):
            letters.append(Letter.mark(Channel.REMATCH, mark))
        if product_differs(point.payload, generation):
            letters.append(Letter.mark(Channel.REGROUP, mark))
    return letters


def cause_of(generation: str) -> str:
    """The cause of what is told because a generation became live."""
    return f"generation {generation}"


def is_through(place: str | None, promotion: int) -> bool:
    """Whether a bookmark says that the takeover of this promotion is through."""
    return place == f"{promotion}:{_THROUGH}"


def _start(place: str | None, promotion: int) -> str | None:
    """Where this promotion's takeover goes on; None at its beginning, also after an earlier promotion's."""
    number, _, page = (place or "").partition(":")
    return page if number == str(promotion) else None
