"""Batches read straight from where Faust puts the messages of a stage, and acknowledged as batches.

Faust's own way (`noack_take`) goes through a generator, two events and a dozen calls of sensors for each
message. What it does for safety is kept here: a message that was fetched before a rebalance is dropped,
one that was taken is known to the consumer as not acknowledged, so that a rebalance and a stop wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

_COMES_WITH_IT: Final = 0.1
"""What belongs together comes within this part of the wait, also after a pause."""


class StreamBatches:
    """The batches of one agent's stream: see `streams.agents.hands.Batches`."""

    def __init__(self, stream: Any, size: int, wait_s: float) -> None:
        """Read nothing yet.

        Args:
            stream: of an agent whose topic is raw.
            size: of a batch, at most.
            wait_s: a batch that is not full is taken so long after the one before it.
        """
        self._app = stream.app
        self._queue = stream.channel.queue
        self._size, self._wait_s = size, wait_s
        self._taken_at = 0.0

    async def read(self) -> Sequence[Any]:
        """The next events; at least one."""
        events: list[Any] = []
        while not events:
            self._take(await self._queue.get(), events)
        now = time.monotonic()
        until = max(self._taken_at + self._wait_s, now + self._wait_s * _COMES_WITH_IT)
        await self._fill(events, until - now)
        self._taken_at = time.monotonic()
        self._tell(events)
        return events

    def acknowledge(self, events: Sequence[Any]) -> None:
        """Their offsets may be committed."""
        consumer = self._app.consumer
        for event in events:
            event.message.ack(consumer)

    async def _fill(self, events: list[Any], wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                while len(events) < self._size:
                    # without a task or a timer for what is there already
                    event = await self._queue.get() if self._queue.empty() else self._queue.get_nowait()
                    self._take(event, events)
        except TimeoutError:
            pass

    def _take(self, event: Any, events: list[Any]) -> None:
        message = event.message
        if not self._app.flow_control.is_active() or message.generation_id != self._app.consumer_generation_id:
            return  # fetched before a rebalance: whoever owns its partition now reads it again
        message.tracked = True
        self._app.consumer.unacked.add(message)
        events.append(event)

    def _tell(self, events: Sequence[Any]) -> None:
        """Faust warns of partitions of which nothing is taken, going by this."""
        now = time.monotonic()
        self._app.monitor.stream_inbound_time.update({event.message.tp: now for event in events})
