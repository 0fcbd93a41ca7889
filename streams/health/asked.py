"""Asking what a worker depends on, again and again, never twice at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from streams.health.pulse import Clock

_log = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass
class Asked(Generic[Found]):
    """The last answer of somebody, and whether there is any.

    One answer that does not come is no trouble yet: a stage that kept the event loop busy may have
    cost it its time.

    Args:
        name: whom the log names.
        within_s: an answer may take so long.
        clock: seconds.

    Attributes:
        answer: the last one; None before the first.
        trouble: the kind of error that came instead, twice in a row or before the first answer.
        failed_at: when an answer last failed to come.
    """

    name: str
    within_s: float
    clock: Clock = time.monotonic
    answer: Found | None = None
    trouble: str | None = None
    failed_at: float | None = None
    _failures: int = field(default=0, init=False)

    @property
    def answers(self) -> bool:
        """Whether it has, and did so lately."""
        return self.answer is not None and self.trouble is None

    async def once(self, ask: Callable[[], Awaitable[Found]]) -> Found | None:
        """Ask; whatever it raises is an answer that did not come, None."""
        try:
            async with asyncio.timeout(self.within_s):
                self.answer = answer = await ask()
        except Exception as error:  # noqa: BLE001 - what looks after a worker must not end it
            self._note(error)
            return None
        if self.trouble is not None:
            _log.info("%s answers again", self.name)
        self.trouble, self._failures = None, 0
        return answer

    def _note(self, error: Exception) -> None:
        self._failures += 1
        self.failed_at = self.clock()
        if self._failures > 1 or self.answer is None:
            if self.trouble is None:
                _log.warning("%s does not answer: %s", self.name, str(error) or f"nothing within {self.within_s:g} s")
            self.trouble = type(error).__name__
