"""Faust's consumer, with less work for each message; and one that is prompt on the embedded broker.

For each message Faust makes four tasks, so that a rebalance can interrupt it where the stage's queue is full. But
what was fetched is in memory anyway, at most one answer of the broker's: it is put into the queue at once, and
nothing has to be interrupted. A full queue keeps more from being fetched, as with Faust.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Any, Final

from faust.events import Event
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

# Mode would name the loggers of these classes after this module, as if their words were ours.
LOGGER = logging.getLogger("faust.agents")

_A_TURN_EVERY: Final = 100
_Callback = Callable[[], None]


class QuickConsumer(driver.Consumer):
    """Puts messages into the queue of the one agent that reads them; what it can't put goes Faust's way."""

    logger = LOGGER

    def __init__(self, *args: Any, **options: Any) -> None:
        """As Faust makes it."""
        super().__init__(*args, **options)
        self._pressure: dict[Any, tuple[_Callback, _Callback]] = {}
        self._room: Any = asyncio.Event()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109 - Faust's signature
        """What was fetched and could not be put into the queue."""
        put = 0
        async for tp, message in super().getmany(timeout):
            if not self._put(tp, message):
                yield tp, message
                continue
            put += 1
            if put % _A_TURN_EVERY == 0:
                await asyncio.sleep(0)  # an answer may hold ten thousand marks

    def on_buffer_drop(self, tp: TP) -> None:
        """The queue has room for that partition again."""
        super().on_buffer_drop(tp)
        self._room.set()

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """They may be read from now on."""
        super().resume_partitions(tps)
        self._room.set()

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        """Where every partition waits for room Faust would sleep for a second."""
        if self.flow_active and not self._get_active_partitions():
            self._room.clear()
            await self.wait(self._room, timeout=timeout)
            if not self._get_active_partitions():
                return {}, set()
        return await super()._wait_next_records(timeout)

    def _put(self, tp: Any, message: Any) -> bool:
        """Whether it was possible, and nothing else is to be done with this message."""
        channel = self._channel(tp)
        if channel is None or not self._is_next(tp, message.offset):
            return False
        message.refcount += 1
        full, dropped = self._pressure_of(tp)
        event = Event(self.app, message.key, message.value, None, message)
        channel.queue.put_nowait_enhanced(event, on_pressure_high=full, on_pressure_drop=dropped)
        self._read_offset[tp] = message.offset
        return True

    def _is_next(self, tp: Any, offset: int) -> bool:
        """Faust looks after gaps, repeats, and commits that are due."""
        before = self._read_offset[tp]
        due = self._commit_every is not None and self._n_acked >= self._commit_every
        return before is not None and offset - before == 1 and not due and self.app.flow_control.is_active()

    def _channel(self, tp: Any) -> Any:
        conductor: Any = self.app.topics
        channels = conductor._tp_index.get(tp, ())  # noqa: SLF001 - there is no public way
        return next(iter(channels)) if len(channels) == 1 else None

    def _pressure_of(self, tp: Any) -> tuple[_Callback, _Callback]:
        """The same two each time: the queue knows by that whom it told."""
        if tp not in self._pressure:
            place = TP(tp.topic, tp.partition)  # aiokafka's own are equal, and refused
            self._pressure[tp] = partial(self.on_buffer_full, place), partial(self.on_buffer_drop, place)
        return self._pressure[tp]


class QuickTransport(driver.Transport):
    """Of brokers that answer when there is something."""

    Consumer = QuickConsumer


class _PromptThread(driver.AIOKafkaConsumerThread):
    """Asks the broker to answer an empty fetch at once.

    Faust lets it wait 1.5 s for records. Kafka answers as soon as there is one; the embedded broker
    always lets the time pass, which would be six seconds from a listing to its matches.
    """

    logger = LOGGER

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = 50  # noqa: SLF001 - there is no public way, and only here is it needed
        return consumer


class _PromptConsumer(QuickConsumer):
    def _new_consumer_thread(self) -> _PromptThread:
        return _PromptThread(self, loop=self.loop, beacon=self.beacon)


class PromptTransport(driver.Transport):
    """Of the embedded broker."""

    Consumer = _PromptConsumer
