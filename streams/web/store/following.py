"""Following the topics into the store, each record once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from streams.brokers.producer import Sent
from streams.brokers.several import Place, TopicsReader, reading_topics
from streams.brokers.topics import Topics
from streams.errors import BrokerUnavailableError, StoreError
from streams.events import Message
from streams.settings import Settings
from streams.web.store.connection import Store, mark_read
from streams.web.store.projection import Kind

_RETRY_S: Final = 2.0
_LOOK_EVERY_S: Final = 20.0
_TOO_LONG_S: Final = 6.5 * 86_400
"""Tombstones live seven days: who read nothing for so long may have missed one."""

News = Callable[[Mapping[Kind, Sequence[Message]]], None]
"""Is told in the event loop what was just written, once the store has caught up."""

_log = logging.getLogger(__name__)


class Follower:
    """Reads what the topics say into the store, for as long as `run` is at work.

    Args:
        settings: where the brokers are.
        store: to write into.
        on_news: is told what comes after the store has caught up.
    """

    def __init__(self, settings: Settings, store: Store, on_news: News = lambda _news: None) -> None:
        """Read nothing yet."""
        self._settings, self._store, self._on_news = settings, store, on_news
        topics = Topics(settings)
        self._kinds = {kind.topic(topics): kind for one in store.projections for kind in one.applies}
        self._places: dict[Place, int] = {}
        self._moved = asyncio.Condition()
        self.caught_up = asyncio.Event()
        """Set once all is read that was there at the start."""
        self.connected = False
        """Whether the broker answered when it was last asked."""

    async def run(self) -> None:
        """Follow until cancelled; a broker that does not answer is waited for.

        Raises:
            StoreError: the store is of other topics than these.
            TopicMissingError: a topic does not exist.
        """
        if (last := await asyncio.to_thread(self._store.read_at)) is not None and time.time() - last > _TOO_LONG_S:
            _log.warning("web: nothing was read for %.0f days, all is read again", (time.time() - last) / 86_400)
            await asyncio.to_thread(self._store.begin_anew)
        while True:
            try:
                await self._follow()
            except BrokerUnavailableError as error:
                self.connected = False
                _log.warning("web: %s", error)
                await asyncio.sleep(_RETRY_S)

    async def until_read(self, sent: Sent) -> None:
        """Wait until a record that was sent is in the store."""
        place = (sent.topic, sent.partition)
        async with self._moved:
            await self._moved.wait_for(lambda: self._places.get(place, 0) > sent.offset)

    async def _follow(self) -> None:
        self._places = await asyncio.to_thread(self._store.places)
        async with reading_topics(self._settings, list(self._kinds), self._places) as reader:
            self._ensure_same_topics(reader)
            self.connected, looked = True, time.monotonic()
            while True:
                messages = await reader.batch()
                if messages:
                    await self._learn(messages)
                elif time.monotonic() - looked > _LOOK_EVERY_S:
                    await reader.ensure_connected()
                    await asyncio.to_thread(self._store.nothing_new)
                    looked = time.monotonic()
                if not self.caught_up.is_set() and await reader.caught_up():
                    self.caught_up.set()

    def _ensure_same_topics(self, reader: TopicsReader) -> None:
        for place, end in reader.ends.items():
            if self._places.get(place, 0) > end:
                topic, partition = place
                raise StoreError(
                    f"file '{self._store.path}'",
                    got=f"read up to {self._places[place]} of '{topic}' partition {partition}, which ends at {end}",
                    wanted="a file of these topics",
                    remedy="remove it (it is filled again), or set MATCHSTREAM_WEB_PATH to another one",
                )

    async def _learn(self, messages: Sequence[Message]) -> None:
        by_kind: defaultdict[Kind, list[Message]] = defaultdict(list)
        for message in messages:
            by_kind[self._kinds[message.topic]].append(message)
        places = {(message.topic, message.partition): message.offset + 1 for message in messages}
        await asyncio.to_thread(self._write, by_kind, places)
        if self.caught_up.is_set():
            self._on_news(by_kind)
        async with self._moved:
            self._places |= places
            self._moved.notify_all()

    def _write(self, by_kind: Mapping[Kind, Sequence[Message]], places: Mapping[Place, int]) -> None:
        with self._store.writing() as connection:
            for kind, messages in by_kind.items():
                for projection in self._store.projections:
                    if kind in projection.applies:
                        projection.applies[kind](connection, messages)
            mark_read(connection, places)
