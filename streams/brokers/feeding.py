"""Publishing no faster than the stages read, for a broker that forgets what is not read in time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from streams.brokers.lag import LagReader, StageLag
from streams.brokers.producer import Publisher, Sent
from streams.brokers.topics import StageName
from streams.events import Message
from streams.settings import Settings

__all__ = ["feed"]

_CARRIES_DATA = (StageName.EMBED, StageName.INDEX)
_MARKS_UNREAD = 10_000
_LOOK_EVERY_S = 0.05


async def feed(
    settings: Settings,
    messages: Iterable[Message],
    *,
    unread: int = 250,
    on_sent: Callable[[Sent], None] | None = None,
) -> int:
    """Publish every message while workers of all stages run; how many there were.

    The embedded broker drops what is older than the newest 5 MB of a partition. So the next
    `unread` messages go out when no partition has more than `unread` listings and embeddings still
    to be read: with the default that is never more than 500, of up to 10 kB each.

    Raises:
        BrokerUnavailableError: no broker answers.
        TopicMissingError: a topic does not exist.
    """
    count = 0
    async with LagReader(settings) as reader, Publisher(settings) as publisher:
        for chunk in _chunks(messages, unread):
            await _wait_for_room(reader, unread)
            count += await publisher.publish_all(chunk, on_sent)
    return count


def _chunks(messages: Iterable[Message], size: int) -> Iterator[list[Message]]:
    iterator = iter(messages)
    while chunk := list(islice(iterator, size)):
        yield chunk


async def _wait_for_room(reader: LagReader, unread: int) -> None:
    while True:
        if _room(await reader.lags(), unread):
            return
        await asyncio.sleep(_LOOK_EVERY_S)


def _room(lags: Iterable[StageLag], unread: int) -> bool:
    """Whether all partitions have room: a key has the same partition in every topic."""
    data: Counter[int] = Counter()
    for stage in lags:
        for partition in stage.partitions:
            if stage.stage in _CARRIES_DATA:
                data[partition.partition] += partition.lag
            elif partition.lag > _MARKS_UNREAD:
                return False
    return all(count <= unread for count in data.values())
