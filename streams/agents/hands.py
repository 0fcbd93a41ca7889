"""Batches in hand: read, worked off, acknowledged in the order they were read. Knows nothing of Kafka.

With two in hand the next one is read and begun while the one before it is still at work, so that what only
one of them can have at a time, such as an encoder, is never without work. Whatever order they end in, a
batch is acknowledged when all before it are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Batches(Protocol):
    """Where batches come from."""

    async def read(self) -> Sequence[Any]:
        """The next batch; waits until there is something. Called again only when it has answered."""

    def acknowledge(self, events: Sequence[Any], /) -> None:
        """These are done, and so is everything that was read before them."""


@dataclass
class Hands:
    """Works batches off until one fails.

    Args:
        batches: to work off.
        process: finishes a batch or raises.
        ahead: so many are in hand at once.
    """

    batches: Batches
    process: Callable[[Sequence[Any]], Awaitable[None]]
    ahead: int = 1
    _held: deque[tuple[Sequence[Any], asyncio.Future[None]]] = field(default_factory=deque, init=False)

    async def work(self) -> None:
        """Work off what comes, for ever.

        Raises:
            Exception: whatever a batch failed with. All before it are acknowledged, it and all after it are not;
                what was begun after it is cut off.
        """
        reading: asyncio.Future[Sequence[Any]] | None = None
        try:
            while True:
                if reading is None and self._may_read():
                    reading = asyncio.ensure_future(self.batches.read())
                await self._something(reading)
                self._acknowledge()
                if reading is not None and reading.done():
                    self._begin(reading)
                    reading = None
        finally:
            await _cut_off([*([reading] if reading else []), *(work for _, work in self._held)])

    def _may_read(self) -> bool:
        return len(self._held) < self.ahead and not any(_failed(work) for _, work in self._held)

    async def _something(self, reading: asyncio.Future[Sequence[Any]] | None) -> None:
        """Wait for what is read, or for the batch that is acknowledged next."""
        awaited: list[asyncio.Future[Any]] = [work for _, work in list(self._held)[:1]]
        if reading is not None:
            awaited.append(reading)
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)

    def _acknowledge(self) -> None:
        while self._held and self._held[0][1].done():
            events, work = self._held[0]
            work.result()
            self.batches.acknowledge(events)
            self._held.popleft()

    def _begin(self, reading: asyncio.Future[Sequence[Any]]) -> None:
        """What can't be read fails in its turn: those before it are finished."""
        failure = reading.exception()
        if failure is not None:
            failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failed.set_exception(failure)
            self._held.append(((), failed))
            return
        events = reading.result()
        self._held.append((events, asyncio.ensure_future(self.process(events))))


def _failed(work: asyncio.Future[None]) -> bool:
    return work.done() and (work.cancelled() or work.exception() is not None)


async def _cut_off(futures: Sequence[asyncio.Future[Any]]) -> None:
    for one in futures:
        one.cancel()
    await asyncio.gather(*futures, return_exceptions=True)
