"""News on its way to those who watch: kept for a while, and never more than a watcher can take."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from streams.events import Message
from streams.web.store.projection import Kind

KEPT: Final = 10_000
"""News that is kept for whoever comes later."""


class Feed:
    """What came on the topics since the page runs, and a bell for those who watch."""

    def __init__(self, kept: int = KEPT) -> None:
        """Nothing came yet."""
        self.items: deque[tuple[int, Kind, Message]] = deque(maxlen=kept)
        self.count = 0
        self._watchers: set[asyncio.Event] = set()

    def tell(self, news: Mapping[Kind, Sequence[Message]]) -> None:
        """Keep news, and ring the bell; called in the event loop."""
        for kind, messages in news.items():
            for message in messages:
                self.count += 1
                self.items.append((self.count, kind, message))
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """A bell that rings when there is news; who hears it clears it."""
        bell = asyncio.Event()
        self._watchers.add(bell)
        try:
            yield bell
        finally:
            self._watchers.discard(bell)
