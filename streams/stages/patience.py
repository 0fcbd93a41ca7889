"""Waiting for an index that does not answer: the batch in hand is tried again, and nothing more is read meanwhile.

Kafka keeps what is not read, so that an index which is slow or gone for minutes costs time and no memory.
A worker that ended instead would come back with its models to load and nobody to write to.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from streams.errors import IndexUnavailableError

_LONGEST_S: Final = 10.0

_log = logging.getLogger(__name__)


@dataclass
class Patience:
    """How long one stage waits, in all, from the last answer on.

    Args:
        limit_s: then the worker ends after all, for what keeps it from the index may be its own.
        first_s: before the second try; doubled before each further one, up to 10 s.
    """

    limit_s: float = 600.0
    first_s: float = 0.5
    _tries: int = field(default=0, init=False)
    _waited_s: float = field(default=0.0, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def answered(self) -> None:
        """The index did its work."""
        self._tries, self._waited_s = 0, 0.0

    async def wait(self, error: IndexUnavailableError, ending: asyncio.Event) -> None:
        """Let some time pass before the next try; none when this process is `ending`.

        Who comes meanwhile waits afterwards, so that no time counts twice.

        Raises:
            IndexUnavailableError: the one given, when it was too long or the process is told to stop.
        """
        async with self._turn:
            await self._pause(error, ending)

    async def _pause(self, error: IndexUnavailableError, ending: asyncio.Event) -> None:
        if self._waited_s >= self.limit_s or ending.is_set():
            raise error
        pause_s = min(_LONGEST_S, self.first_s * 2**self._tries)
        _log.warning("waits %g s for the index, then tries again: %s", pause_s, error)
        try:
            async with asyncio.timeout(pause_s):
                await ending.wait()
        except TimeoutError:
            self._tries += 1
            self._waited_s += pause_s
        else:
            raise error
