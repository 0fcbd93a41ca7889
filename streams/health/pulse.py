"""What one stage of this worker is at: the partitions it reads, and its batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from streams.events import Message
from streams.stages.attempts import Process

Clock = Callable[[], float]
"""Seconds."""


@dataclass
class Pulse:
    """Of one stage.

    Attributes:
        partitions: that it reads; maybe none at all, when other workers have them. None while nobody
            has told it yet, or since they were taken away.
        assignments: how often it was given partitions; a group that does not come to rest counts on.
        begun_at: when the batch in hand was begun, the first one of several; None without one.
        done_at: when the last one was done, None before the first.
    """

    clock: Clock = time.monotonic
    partitions: frozenset[int] | None = None
    assignments: int = 0
    begun_at: float | None = None
    done_at: float | None = None
    _begun: list[float] = field(default_factory=list, init=False)

    def assigned(self, partitions: Collection[int]) -> None:
        """It reads these from now on."""
        self.partitions = frozenset(partitions)
        self.assignments += 1

    def revoked(self) -> None:
        """It reads none until it is told again."""
        self.partitions = None

    def over(self, process: Process) -> Process:
        """The same stage, with its batches noted here."""

        async def noted(messages: Sequence[Message]) -> None:
            begun_at = self.clock()
            self._in_hand([*self._begun, begun_at])
            try:
                await process(messages)
                self.done_at = self.clock()
            finally:
                self._begun.remove(begun_at)
                self._in_hand(self._begun)

        return noted

    def _in_hand(self, begun: list[float]) -> None:
        self._begun = begun
        self.begun_at = min(begun, default=None)
