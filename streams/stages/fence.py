"""The fence: a worker that stood still longer than its Kafka session lasts writes nothing any more.

Whoever was stopped (SIGSTOP, a machine that sleeps or swaps) does not know it. Meanwhile its partitions
went to another worker, which works on the same listings, and what the first one had in hand is old. So
the time between any two looks at the clock is held against the session; looks are taken every second by
a thread, and before everything that is written or sent.

A thread, because Faust sends Kafka's heartbeats from one: a stage that keeps the event loop busy for
minutes keeps its session, a process that stands still does not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from streams.errors import LeaseLostError
from streams.index.port import Change, Hit, Index, Page, Point, Query, View
from streams.stages.dependencies import Letter, Outbox

_COUNTED_ON: Final = 2 / 3
"""Of the session: the last heartbeat that Kafka has had is up to a sixth older than the pause, and took its way."""


def since_boot() -> float:
    """Seconds on a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class Lease:
    """Whether this process has run without a pause that may have cost it its partitions.

    Once lost it stays so: what is in hand can't be told from what was read afterwards.

    Args:
        session_s: a worker silent for so long loses its partitions.
        clock: seconds.
    """

    session_s: float
    clock: Callable[[], float] = since_boot
    _last: float = field(init=False)
    _paused_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """It begins now."""
        self._last = self.clock()

    def beat(self) -> None:
        """Look at the clock."""
        now = self.clock()
        paused_s = now - self._last
        if paused_s > self.session_s * _COUNTED_ON:
            self._paused_s = max(self._paused_s, paused_s)
        # after the line above, never before: another thread that sees this one's look must see its verdict
        self._last = now

    def check(self) -> None:
        """Look at the clock and go on only while the lease holds.

        Raises:
            LeaseLostError: it does not.
        """
        self.beat()
        if self._paused_s:
            raise LeaseLostError(
                "worker",
                got=f"it stood still for {self._paused_s:.0f} s",
                wanted=f"less than {self.session_s * _COUNTED_ON:.0f} s of a session of {self.session_s:.0f} s",
                remedy="start it again: others have its partitions, and nothing is lost",
            )


@contextmanager
def beating(lease: Lease, every_s: float = 1.0) -> Iterator[None]:
    """A thread looks at the clock so often."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every_s):
            lease.beat()

    thread = threading.Thread(target=run, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class FencedIndex:
    """An `Index` that is read as ever, and written only while the lease holds."""

    index: Index
    lease: Lease

    @property
    def round_trips(self) -> int:
        """See `Index.round_trips`."""
        return self.index.round_trips

    async def read(self, listing_ids: Collection[str], views: Collection[View] = ()) -> dict[str, Point]:
        """See `Index.read`."""
        return await self.index.read(listing_ids, views)

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        return await self.index.search(queries, fields)

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`.

        Raises:
            LeaseLostError: this process stood still; nothing was written.
        """
        self.lease.check()
        await self.index.write(changes)

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        return await self.index.page(start, size, views)

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return self.index.scan(views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        return await self.index.count()

    async def close(self) -> None:
        """See `Index.close`."""
        await self.index.close()


@dataclass(frozen=True, slots=True)
class FencedOutbox:
    """An `Outbox` that sends only while the lease holds."""

    outbox: Outbox
    lease: Lease

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """See `Outbox.deliver`.

        Raises:
            LeaseLostError: this process stood still; nothing was sent.
        """
        self.lease.check()
        await self.outbox.deliver(letters)
