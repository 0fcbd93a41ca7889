"""How the delivery of a message ends, in our words.

By callbacks: a task for each message costs as much as all the rest of sending it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from streams.brokers.failures import REJECTED, broker_errors, rejected
from streams.settings import Settings

__all__ = ["Deliveries", "Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an acknowledged message lies."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Args: one that is not acknowledged within `limit_s` counts as not delivered."""

    settings: Settings
    limit_s: float

    def told(self, delivery: asyncio.Future[Any], topic: str, key: bytes | None) -> asyncio.Future[Sent]:
        """Ends as the delivery does, or when that takes too long; to cancel it leaves the delivery as it is."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Sent] = loop.create_future()
        # A producer that makes no duplicates tries for ever; somebody has to give up.
        timer = loop.call_later(self.limit_s, self._tell, told, TimeoutError(), topic, key)

        def ended(_: asyncio.Future[Any]) -> None:
            timer.cancel()
            error = asyncio.CancelledError() if delivery.cancelled() else delivery.exception()
            self._tell(told, error or delivery.result(), topic, key)

        delivery.add_done_callback(ended)
        return told

    def _tell(self, told: asyncio.Future[Sent], found: Any, topic: str, key: bytes | None) -> None:
        if told.done():
            return
        if isinstance(found, asyncio.CancelledError):
            told.cancel()
        elif isinstance(found, BaseException):
            told.set_exception(self._in_our_words(found, topic, key))
        else:
            told.set_result(Sent(found.topic, found.partition, found.offset))

    def _in_our_words(self, error: BaseException, topic: str, key: bytes | None) -> BaseException:
        if isinstance(error, REJECTED):
            refused = rejected(topic, key, error)
            refused.__cause__ = error
            return refused
        try:
            with broker_errors(self.settings):
                raise error  # noqa: TRY301 - that is how it is turned
        except BaseException as ours:  # noqa: BLE001 - told to whoever waits
            return ours
