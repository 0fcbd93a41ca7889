"""Which batches of one stage are at work at the same time: suspects have no company."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Company:
    """Batches begin in the order they came.

    One that is to be alone waits for those before it, and keeps out those after it.
    """

    _inside: int = field(default=0, init=False)
    _door: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _left: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @asynccontextmanager
    async def keeping(self, *, alone: bool) -> AsyncIterator[None]:
        """For as long as a batch is at work."""
        async with self._door:
            while alone and self._inside:
                self._left.clear()
                await self._left.wait()
            if alone:
                yield
                return
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._left.set()
