"""What goes wrong in a run of the flow, and who goes on next: all drawn from one seeded generator."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

_TICKS = 3
"""Turns of the event loop until a task that was let go stands still again, or nearly so."""


class CrashError(Exception):
    """The process died here."""


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """A task that stands still before a step; equal to itself alone."""

    go: asyncio.Future[None]
    ready: Callable[[], bool]
    not_before: int


@dataclass
class Chaos:
    """Lets the tasks of a run go on one at a time, a random one for one step.

    Args:
        random: the generator that everything is drawn from, so that a seed tells the whole run.
        crash: chance that a step is the last one of its attempt.
        repeat: chance that a record is delivered twice.
        pause: chance that a task stands still for up to `longest` steps of the others.
        longest: see `pause`.
    """

    random: random.Random
    crash: float = 0.0
    repeat: float = 0.0
    pause: float = 0.03
    longest: int = 120
    _standing: list[_Standing] = field(default_factory=list)
    _steps: int = 0
    _running: bool = False

    async def before(self, _step: str, _changes: object = None) -> None:
        """Stand still until it is this task's turn; nothing happens outside `run`."""
        if not self._running:
            return
        await self.turn()
        if self.random.random() < self.crash:
            raise CrashError

    async def turn(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Stand still until it is this task's turn and it has something to do."""
        pause = self.random.randrange(self.longest) if self.random.random() < self.pause else 0
        go = asyncio.get_running_loop().create_future()
        self._standing.append(_Standing(go, ready, self._steps + pause))
        await go

    async def run(self, until: Callable[[], bool]) -> None:
        """Let one task go on after the other until there is nothing left to do."""
        self._running = True
        try:
            while True:
                self._steps += 1
                for _ in range(_TICKS):
                    await asyncio.sleep(0)
                ready = [one for one in self._standing if one.ready()]
                if ready:
                    self._let_go(ready)
                elif until():
                    return
        finally:
            self._running = False
            self._standing.clear()

    def _let_go(self, ready: list[_Standing]) -> None:
        awake = [one for one in ready if one.not_before <= self._steps]
        chosen = self.random.choice(awake) if awake else min(ready, key=lambda one: one.not_before)
        self._standing.remove(chosen)
        if not chosen.go.done():
            chosen.go.set_result(None)
