"""Sellers of a few listings, who change, withdraw and publish them again all the time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from chaos.traffic import Traffic
from fakes.on_kafka import publish
from fakes.outcome import LISTINGS, listed

from streams.brokers.topics import Topics
from streams.events import Message
from streams.settings import Settings

_CHANGING = 80
_LASTING = 24


class BusySellers:
    """Publishes to `listings`; what each says of one listing comes in the order of its versions.

    Args:
        settings: of the brokers.

    Attributes:
        log: all that was ever published.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._traffic = Traffic(Topics(settings), _CHANGING, random.Random(5), "")
        self.log: list[Message] = []

    @property
    def withdrawn(self) -> set[bytes | None]:
        """The keys of those who were there and are gone."""
        there = listed(self.log)
        return {one.key for one in self.log if (one.key or b"").decode() not in there}

    async def wave(self) -> None:
        """Of most listings a new version, of some a withdrawal; one that was withdrawn may come back."""
        await self._publish([self._event(f"l{number}") for number in range(_CHANGING)])

    async def more(self) -> None:
        """New prices of listings that are never withdrawn, some in each partition."""
        await self._publish([self._new_price(f"p{number}") for number in range(_LASTING)])

    async def _publish(self, messages: Sequence[Message]) -> None:
        self.log += [replace(message, topic=LISTINGS) for message in messages]
        await publish(messages, self._settings)

    def _event(self, listing_id: str) -> Message:
        dice, thing = self._traffic.dice, int(listing_id[1:]) // 4
        if dice.random() < 0.15:
            return self._traffic.withdrawal(listing_id)
        title = self._traffic.title(thing + dice.choice([0, 0, 0, 1]))
        return self._traffic.publication(listing_id, title=title, price=self._traffic.price())

    def _new_price(self, listing_id: str) -> Message:
        return self._traffic.publication(listing_id, price=self._traffic.price())
