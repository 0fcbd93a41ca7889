"""The lease: how long this process may take its partitions for its own.

Kafka gives a partition to another worker when its owner is silent for a session, or does not let go of it
within the time that a rebalance has. The owner does not know it, or knows it late. So two thirds of both
times are counted here, on this process's own clock:

- between any two looks at the clock, for a process that is stopped (SIGSTOP, a machine that sleeps or
  swaps) does not know it. Looks are taken by a thread, and before everything that is written or sent;
- since the last heartbeat of each consumer group that its coordinator has answered: a worker that is cut
  off from the broker runs on, and what it has in its buffers would arrive late;
- since a rebalance asked for partitions whose messages are still in hand.

Heartbeats come from threads of Faust's: a stage that keeps the event loop busy for minutes keeps its
session and its lease.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from streams.errors import LeaseLostError

REBALANCE_SESSIONS: Final = 2
"""The time that a rebalance has, in sessions."""

_COUNTED_ON: Final = 2 / 3
"""Of each time: what Kafka has heard last is up to a sixth older than it seems, and took its way."""


def since_boot() -> float:
    """Seconds on a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class _Membership:
    """In one consumer group: when its coordinator was heard, since when it asks for partitions back."""

    heard: float
    leaving: Callable[[], bool]
    asked: float | None = None


@dataclass
class Lease:
    """Whether whatever this process has in hand is still its own.

    Once lost it stays so: what is in hand can't be told from what was read afterwards. Any thread may call.

    Args:
        session_s: a worker silent for so long loses its partitions.
        clock: seconds.
    """

    session_s: float
    clock: Callable[[], float] = since_boot
    _last: float = field(init=False)
    _lost: str = field(default="", init=False)
    _groups: dict[str, _Membership] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """It begins now."""
        self._last = self.clock()

    def assigned(self, group: str, leaving: Callable[[], bool] = lambda: False) -> None:
        """A rebalance of that group is over: from now on something may be in hand.

        Who is `leaving` sends no heartbeats any more, for nothing will be in hand: that is no loss.
        """
        self._groups[group] = _Membership(self.clock(), leaving)

    def heard(self, group: str, at: float) -> None:
        """The coordinator of that group has answered a heartbeat that was sent `at`."""
        membership = self._groups.get(group)
        if membership is not None:
            membership.heard = max(membership.heard, at)

    def asked(self, group: str) -> None:
        """A rebalance of that group has begun: what is in hand is to be finished."""
        membership = self._groups.get(group)
        if membership is not None and membership.asked is None:
            membership.asked = self.clock()

    def let_go(self, group: str) -> None:
        """Nothing of that group is in hand any more."""
        self._groups.pop(group, None)

    def expelled(self, group: str) -> None:
        """That group goes on without this process, which may have something in hand."""
        self.beat()  # who stood still hears of it from the group: that is why, and is what is told
        if group in self._groups:
            self._lost = self._lost or f"group '{group}' goes on without it"

    def beat(self) -> None:
        """Look at the clock."""
        now = self.clock()
        counted_s = self.session_s * _COUNTED_ON
        if now - self._last > counted_s:
            self._lost = self._lost or f"it stood still for {now - self._last:.0f} s"
        for group, one in list(self._groups.items()):
            if one.leaving():
                continue
            if now - one.heard > counted_s:
                self._lost = self._lost or f"no heartbeat of group '{group}' was answered for {now - one.heard:.0f} s"
            if one.asked is not None and now - one.asked > counted_s * REBALANCE_SESSIONS:
                self._lost = self._lost or f"it kept partitions of group '{group}' for {now - one.asked:.0f} s"
        # after the lines above, never before: another thread that sees this one's look must see its verdict
        self._last = now

    def check(self) -> None:
        """Look at the clock and go on only while the lease holds.

        Raises:
            LeaseLostError: it does not.
        """
        self.beat()
        if self._lost:
            raise LeaseLostError(
                "worker",
                got=self._lost,
                wanted=f"two thirds of a session of {self.session_s:g} s at most, or of a rebalance of twice that,",
                remedy="start it again: others have its partitions, and nothing is lost",
            )


@contextmanager
def watched(lease: Lease, lost: Callable[[LeaseLostError], None], every_s: float = 1.0) -> Iterator[None]:
    """A thread looks at the clock so often, and calls `lost` once when the lease is."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every_s):
            try:
                lease.check()
            except LeaseLostError as error:
                lost(error)
                return

    thread = threading.Thread(target=run, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
