"""News for those who watch: a bell for each, and what many of them ask is computed once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from streams.events import Message
from streams.web.store.projection import Kind

Answer = TypeVar("Answer")

WATCHERS: Final = 100
"""Pages that may watch at a time; the others ask every few seconds."""
PUSH_EVERY_S: Final = 0.5


class Bell:
    """One watcher's: rings when there is news. Others may ring it from any thread."""

    def __init__(self) -> None:
        """In the event loop of whoever watches."""
        self.over = False
        """Whether nothing will come any more."""
        self._loop, self._event = asyncio.get_running_loop(), asyncio.Event()

    def ring(self) -> None:
        """Say that there is news."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def heard(self, within_s: float) -> bool:
        """Whether it rang in this time; what rings until the next look is one ring."""
        try:
            async with asyncio.timeout(within_s):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Feed:
    """The bells of those who watch. Nothing is kept here: who hears the bell asks the store what is new.

    Args:
        most: watchers at a time.
        push_every_s: how long news is gathered before it goes out.
    """

    def __init__(self, most: int = WATCHERS, push_every_s: float = PUSH_EVERY_S) -> None:
        """Nobody watches yet."""
        self._most, self._push_every_s = most, push_every_s
        self._bells: set[Bell] = set()
        self._lock = threading.Lock()
        self._slot = -1
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}

    @property
    def full(self) -> bool:
        """Whether nobody else may watch."""
        return self.watched >= self._most

    @property
    def watched(self) -> int:
        """How many watch."""
        return len(self._bells)

    def tell(self, _news: Mapping[Kind, Sequence[Message]]) -> None:
        """Ring the bells: the store has news, and what was answered before is old."""
        with self._lock:
            self._asked = {}
            for bell in self._bells:
                bell.ring()

    @contextmanager
    def watching(self) -> Iterator[Bell]:
        """A bell for one watcher, as long as it watches."""
        bell = Bell()
        with self._lock:
            self._bells.add(bell)
        try:
            yield bell
        finally:
            with self._lock:
                self._bells.discard(bell)

    def close(self) -> None:
        """Have all who watch now leave."""
        with self._lock:
            for bell in self._bells:
                bell.over = True
                bell.ring()

    async def next_slot(self) -> None:
        """Wait until news may be pushed again; all watchers wait for the same moments, so that they ask the same."""
        await asyncio.sleep(self._push_every_s - time.monotonic() % self._push_every_s)

    async def once(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The answer, computed in a thread, and only once for all who ask the same between two pushes."""
        with self._lock:
            if (slot := int(time.monotonic() / self._push_every_s)) != self._slot:
                self._slot, self._asked = slot, {}
            if question not in self._asked:
                self._asked[question] = asyncio.create_task(asyncio.to_thread(answer))
            asked = self._asked[question]
        found: Answer = await asyncio.shield(asked)
        return found
