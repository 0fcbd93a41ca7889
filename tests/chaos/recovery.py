"""How far the stages are, polled while brokers come and go; and when they work again after a fault."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from streams.brokers.lag import LagReader, StageLag
from streams.brokers.topics import StageName
from streams.errors import MatchstreamError
from streams.settings import Settings

_EVERY_S: Final = 0.5
_ASKS_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each stage was at a time.

    Args:
        at: on the monotonic clock, when it was asked.
        done: messages acknowledged, by stage.
        lag: messages before it, by stage.
    """

    at: float
    done: Mapping[StageName, int]
    lag: Mapping[StageName, int]

    @classmethod
    def of(cls, at: float, lags: list[StageLag]) -> Self:
        done = {one.stage: sum(part.committed or 0 for part in one.partitions) for one in lags}
        return cls(at, done, {one.stage: one.lag for one in lags})

    def works_since(self, before: Progress) -> bool:
        """Whether every stage has acknowledged something since, or has nothing to do."""
        return all(self.lag[stage] == 0 or self.done[stage] > before.done.get(stage, 0) for stage in self.done)


@dataclass
class Monitor:
    """`async with Monitor(settings) as monitor`: polls until it is closed.

    Args:
        settings: of the brokers.
    """

    settings: Settings
    last: Progress | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def behind(self) -> int:
        """Listings that are not embedded yet, as far as is known."""
        return self.last.lag[StageName.EMBED] if self.last else 0

    async def __aenter__(self) -> Self:
        self._polling = asyncio.create_task(self._poll())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._polling.cancel()
        await asyncio.gather(self._polling, return_exceptions=True)

    async def works_again(self, since: float, limit_s: float) -> float | None:
        """Seconds from `since` until every stage was seen to work; None when they were not within the limit."""
        before = self.last or Progress(since, {}, {})
        try:
            async with asyncio.timeout(limit_s), self._news:
                while not self._worked_after(since, before):
                    await self._news.wait()
        except TimeoutError:
            return None
        return time.monotonic() - since

    def _worked_after(self, since: float, before: Progress) -> bool:
        return self.last is not None and self.last.at > since and self.last.works_since(before)

    async def _poll(self) -> None:
        while True:
            try:
                await self._follow()
            except (MatchstreamError, OSError, TimeoutError):
                await asyncio.sleep(_EVERY_S)

    async def _follow(self) -> None:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(_ASKS_WITHIN_S):
                reader = await stack.enter_async_context(LagReader(self.settings))
            while True:
                at = time.monotonic()
                async with asyncio.timeout(_ASKS_WITHIN_S):
                    lags = await reader.lags()
                async with self._news:
                    self.last = Progress.of(at, lags)
                    self._news.notify_all()
                await asyncio.sleep(_EVERY_S)
