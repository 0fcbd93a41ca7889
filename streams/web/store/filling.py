"""A store for one look: filled with what the topics say now, and gone afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from streams.brokers.several import reading_topics
from streams.brokers.topics import Topics
from streams.events import Message
from streams.settings import Settings
from streams.web.store.connection import Store
from streams.web.store.projection import Kind, Projection


@asynccontextmanager
async def filled(
    settings: Settings,
    projections: Sequence[Projection],
    kinds: Collection[Kind],
    told: Callable[[int], None] = lambda _records: None,
) -> AsyncIterator[Store]:
    """A store with all that some topics say.

    Args:
        settings: where the brokers are.
        projections: whose tables are filled.
        kinds: the topics that are read.
        told: how many more records were read.

    Raises:
        TopicMissingError: a topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    topics = Topics(settings)
    by_topic = {kind.topic(topics): kind for kind in kinds}
    with TemporaryDirectory(prefix="matchstream-") as folder:
        store = Store(Path(folder) / "look.sqlite", projections)
        try:
            async with reading_topics(settings, list(by_topic), {}) as reader:
                while not await reader.caught_up():
                    messages = await reader.batch()
                    _apply(store, by_topic, messages)
                    told(len(messages))
            yield store
        finally:
            store.close()


def _apply(store: Store, by_topic: dict[str, Kind], messages: Sequence[Message]) -> None:
    by_kind: defaultdict[Kind, list[Message]] = defaultdict(list)
    for message in messages:
        by_kind[by_topic[message.topic]].append(message)
    with store.writing() as connection:
        for projection in store.projections:
            for kind, some in by_kind.items():
                if kind in projection.applies:
                    projection.applies[kind](connection, some)
