"""Barriers: records in a stage's input that say 'learn who is live before you go on'.

A worker learns by itself, a moment later, that another generation is live. A barrier makes it certain: whoever
has acknowledged one has finished all that came before it and knows, for all that comes after, what the roster
said when the barrier was sent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.errors import VectorIndexError
from streams.events import Message
from streams.events.records import HEADER
from streams.stages.attempts import Process

BARRIER = f"{HEADER}barrier"
"""The header of a barrier; its value says which one."""
BACKUP = f"{HEADER}backup"
"""The header of a barrier at which the index is to be copied; its value is the copy's name."""

_ASKED_WITHIN_S: Final = 3600.0

_log = logging.getLogger(__name__)


@dataclass
class Attentive:
    """A stage that keeps to barriers; called like the stage itself.

    Args:
        process: the stage.
        refresh: returns when what is known of the roster is what it said when this was called.
        backup: makes a copy of the index under that name.
        clock: seconds since 1970.
    """

    process: Process
    refresh: Callable[[], Awaitable[None]]
    backup: Callable[[str], Awaitable[object]]
    clock: Callable[[], float] = time.time
    _begun: bool = field(default=False, init=False)

    async def __call__(self, messages: Sequence[Message]) -> None:
        """Work off a batch that may hold barriers.

        Before its first one, the roster is read too: a barrier may have been sent while nobody was there.
        """
        barriers = [message for message in messages if BARRIER in message.headers]
        if barriers or not self._begun:
            await self.refresh()
            self._begun = True
        for barrier in barriers:
            await self._copy_at(barrier)
        if others := [message for message in messages if BARRIER not in message.headers]:
            await self.process(others)

    async def _copy_at(self, barrier: Message) -> None:
        """Copy the index if it is asked for, and was not long ago: a stage that is set back reads old barriers again.

        What keeps it from being copied is no reason to stop working: whoever asked for the copy looks for it.
        """
        name = barrier.headers.get(BACKUP)
        if name and self.clock() - barrier.timestamp_ms / 1000 < _ASKED_WITHIN_S:
            try:
                _log.info("copied the index: %s", await self.backup(name.decode("ascii", "replace")))
            except VectorIndexError as error:
                _log.error("the index was not copied: %s", error)
