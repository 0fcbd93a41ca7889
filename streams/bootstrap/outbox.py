"""Where the letters of stages go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from streams.brokers.producer import Publisher, Sent
from streams.brokers.topics import Topics
from streams.stages import Audience, Channel, Letter


def always_public() -> Audience:
    """Of a generation that is live, and the only one."""
    return Audience.PUBLIC


class KafkaOutbox:
    """Sends a stage's letters to the topics of one generation."""

    def __init__(self, publisher: Publisher, topics: Topics, audience: Callable[[], Audience] = always_public) -> None:
        """Send through a publisher that is open.

        Args:
            publisher: sends.
            topics: of the generation.
            audience: whom the generation tells: while that is not subscribers, their dead letters stay their own.
        """
        self._publisher, self._audience = publisher, audience
        self._shadow_dead_letters = topics.shadow_dead_letters.name
        self._names = {
            Channel.EMBEDDINGS: topics.embeddings.name,
            Channel.REBLEND: topics.reblend.name,
            Channel.REMATCH: topics.rematch.name,
            Channel.MATCHES: topics.matches.name,
            Channel.REGROUP: topics.regroup.name,
            Channel.PRODUCTS: topics.products.name,
            Channel.REFETCH: topics.refetch.name,
            Channel.DEAD_LETTERS: topics.dead_letters.name,
            Channel.SHADOW_MATCHES: topics.shadow_matches.name,
            Channel.SHADOW_PRODUCTS: topics.shadow_products.name,
        }

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Send them all and return when the broker has every one."""
        sent = [await self._send(one) for one in letters]
        await self._publisher.confirmed(sent)

    async def _send(self, one: Letter) -> asyncio.Future[Sent]:
        name = self._names[one.channel]
        if one.channel is Channel.DEAD_LETTERS and self._audience() is Audience.SHADOW:
            name = self._shadow_dead_letters
        return await self._publisher.send(name, one.key, one.value, one.headers, partition=one.partition)
