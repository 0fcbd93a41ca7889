"""The roster: which generations there are and which is live, read from its topic and written to it.

The topic has one partition and is small: whoever wants to know reads it from its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Final

from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.errors import BrokerUnavailableError
from streams.events import Message
from streams.events.generations import LIVE_KEY, Generation, Live, Roster, key_of
from streams.settings import Settings

__all__ = ["RosterWatch", "read_roster", "remove_generation", "write_generation", "write_live"]

_RETRY_S: Final = 5.0


async def read_roster(settings: Settings) -> Roster:
    """All that the topic says now.

    Raises:
        TopicMissingError: there is no such topic.
        BrokerUnavailableError: no broker answers.
        UnreadableEventError: somebody else wrote into the topic.
    """
    watch = RosterWatch(settings)
    await watch.refresh()
    return watch.roster


async def write_generation(settings: Settings, generation: Generation) -> None:
    """Put a generation on the roster, and return when the broker has it."""
    await _write(settings, generation.key, generation.to_bytes())


async def remove_generation(settings: Settings, name: str) -> None:
    """Take a generation off the roster, and return when the broker knows."""
    await _write(settings, key_of(name), None)


async def write_live(settings: Settings, live: Live) -> None:
    """Say which generation is live, and return when the broker has it."""
    await _write(settings, LIVE_KEY, live.to_bytes())


async def _write(settings: Settings, key: bytes, value: bytes | None) -> None:
    async with Publisher(settings) as publisher:
        await publisher.send(Topics(settings).generations.name, key, value)


class RosterWatch:
    """What the roster says, kept up to date by a task, and read to its end when that has to be certain.

    `roster` is never ahead of the topic, never goes back, and is behind by about as long as a fetch takes.
    """

    def __init__(self, settings: Settings) -> None:
        """Know nothing yet."""
        self._settings = settings
        self._name = Topics(settings).generations.name
        self._next = 0
        self._changed = asyncio.Condition()
        self.roster = Roster()

    async def refresh(self) -> None:
        """Return when `roster` is at least all that the topic said when this was called.

        Raises:
            TopicMissingError: there is no such topic.
            BrokerUnavailableError: no broker answers.
            UnreadableEventError: somebody else wrote into the topic.
        """
        await self._read(until_end=True)

    async def until(self, ready: Callable[[Roster], bool]) -> None:
        """Wait until the roster is so; for as long as `run` is at work."""
        async with self._changed:
            await self._changed.wait_for(lambda: ready(self.roster))

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Follow the topic until cancelled."""
        while True:
            try:
                await self._read(until_end=False)
            except BrokerUnavailableError:  # whoever has work to do ends the worker, if that lasts
                await sleep(_RETRY_S)

    async def _read(self, *, until_end: bool) -> None:
        starts = {0: self._next}
        async with aclosing(read_records(self._settings, self._name, starts=starts, until_end=until_end)) as records:
            async for record in records:
                await self._learn(record)

    async def _learn(self, record: Message) -> None:
        async with self._changed:
            if record.offset < self._next:  # the other one of two readers was faster
                return
            self.roster, self._next = self.roster.after(record.key, record.value), record.offset + 1
            self._changed.notify_all()
