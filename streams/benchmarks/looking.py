"""Index, blend and match on an index that is there, without encoders and without a broker."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from streams.benchmarks.families import MadeUp
from streams.benchmarks.finished import event_of, withdrawal_of
from streams.events import EmbeddingEvent, Message
from streams.index.passing import PassingIndex
from streams.index.port import Hit, Index, Query
from streams.matching import Rules
from streams.stages import Channel, Dependencies, Letter, blend, index, match

BATCH: Final = 64
MARKS: Final = 256
"""What a worker takes at once."""

_Stage = Callable[[Sequence[Message], Dependencies], Awaitable[None]]
STAGES: Final[dict[Channel, tuple[str, _Stage, int]]] = {
    Channel.EMBEDDINGS: ("index", index, BATCH),
    Channel.REBLEND: ("blend", blend, MARKS),
    Channel.REMATCH: ("match", match, MARKS),
}
"""By what they read: their names, and how much they take at once."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one stage, or all of them, took.

    Args:
        messages: that came.
        batches: in which they came.
        queries: that were asked.
        hits: that came of these.
    """

    seconds: float = 0.0
    messages: int = 0
    batches: int = 0
    round_trips: int = 0
    queries: int = 0
    hits: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Both."""
        return Cost(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass
class _Counted(PassingIndex):
    """An `Index` that counts what it is asked."""

    queries: int = 0
    hits: int = 0

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        found = await self.index.search(queries, fields)
        self.queries += len(queries)
        self.hits += sum(map(len, found))
        return found


@dataclass
class _Outbox:
    """Keeps what is sent to the stages; a listing that is marked several times comes once, as it would in a batch."""

    letters: dict[Channel, dict[bytes | None, Letter]] = field(default_factory=dict)

    async def deliver(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self.letters.setdefault(letter.channel, {})[letter.key] = letter

    def take(self, channel: Channel) -> list[Message]:
        return [Message(channel, one.key, one.value) for one in self.letters.pop(channel, {}).values()]


class Looking:
    """Takes listings through the three stages, until nothing is left to do.

    Args:
        index: is written.
        rules: how listings are compared.
        clock: tells seconds.
    """

    def __init__(self, index: Index, rules: Rules, clock: Callable[[], float] = time.perf_counter) -> None:
        self._index, self._outbox, self._clock = _Counted(index), _Outbox(), clock
        self._dependencies = Dependencies(self._index, self._outbox, rules)
        self._versions: dict[str, int] = {}

    async def take(self, listings: Sequence[MadeUp]) -> dict[str, Cost]:
        """What each stage took for them."""
        return await self._through([event_of(one, self._next_version(one.listing_id)) for one in listings])

    async def withdraw(self, listing_ids: Sequence[str]) -> dict[str, Cost]:
        """Likewise, so that nothing of these is found any more."""
        return await self._through([withdrawal_of(one, self._next_version(one)) for one in listing_ids])

    async def _through(self, events: Sequence[EmbeddingEvent]) -> dict[str, Cost]:
        costs = {name: Cost() for name, _, _ in STAGES.values()}
        await self._outbox.deliver(
            [Letter(Channel.EMBEDDINGS, one.listing_id.encode(), one.to_bytes()) for one in events]
        )
        while left := [channel for channel in STAGES if self._outbox.letters.get(channel)]:
            for channel in left:
                name, stage, size = STAGES[channel]
                messages = self._outbox.take(channel)
                for start in range(0, len(messages), size):
                    costs[name] += await self._timed(stage, messages[start : start + size])
        return costs

    def _next_version(self, listing_id: str) -> int:
        version = self._versions[listing_id] = self._versions.get(listing_id, 1) + 1
        return version

    async def _timed(self, stage: _Stage, messages: Sequence[Message]) -> Cost:
        before = self._so_far()
        begun = self._clock()
        await stage(messages, self._dependencies)
        seconds, after = self._clock() - begun, self._so_far()
        return replace(
            Cost(seconds, len(messages), batches=1),
            round_trips=after.round_trips - before.round_trips,
            queries=after.queries - before.queries,
            hits=after.hits - before.hits,
        )

    def _so_far(self) -> Cost:
        asked = self._index
        return Cost(round_trips=asked.round_trips, queries=asked.queries, hits=asked.hits)
