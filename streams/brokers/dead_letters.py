"""Reading the dead letters, and publishing them again.

One that was published again stays where it is. A note is written beside it, under the same key, without
a value, whose headers say which one and when: the topic alone tells what is still to be done.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.events import Message
from streams.events.clock import utc_now
from streams.events.records import HEADER, original_headers
from streams.settings import Settings

__all__ = ["DeadLetter", "letters_by_id", "publish_again", "read_dead_letters", "superseded"]

_AT_ONCE: Final = 50
_PARTITION: Final = re.compile(r"[0-9]{1,9}")
_OFFSET: Final = re.compile(r"[0-9]{1,18}")
_NOTE: Final = f"{HEADER}retried"
_NOTE_TIME: Final = f"{HEADER}retried-at"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was laid aside.

    Args:
        record: as it lies in the dead letters.
        retried_at: when it was last published again, in ISO 8601; None if never.
        reads: the stage that reads the topic it came from, as far as these settings tell.
    """

    record: Message
    retried_at: str | None = None
    reads: str = ""

    @property
    def id(self) -> str:
        """Its partition and offset in the dead letters."""
        return _id(self.record)

    @property
    def topic(self) -> str:
        """Where it came from."""
        return self.told("topic")

    @property
    def place(self) -> tuple[int, int] | None:
        """Its partition and offset there; None if its headers, which anybody may have written, do not say."""
        partition, offset = self.told("partition"), self.told("offset")
        if not (_PARTITION.fullmatch(partition) and _OFFSET.fullmatch(offset)):
            return None
        return int(partition), int(offset)

    @property
    def stage(self) -> str:
        """Which stage it was too much for."""
        return self.told("stage") or self.reads

    @property
    def error(self) -> str:
        """The class of the error; what can't be read has none of its own."""
        return self.told("error") or "UnreadableEventError"

    def told(self, name: str) -> str:
        """What one of our headers says, or nothing."""
        return _words(self.record.headers.get(f"{HEADER}{name}"))

    def original(self) -> Message:
        """The message as it came."""
        return Message(self.topic, self.record.key, self.record.value, headers=original_headers(self.record.headers))


async def read_dead_letters(settings: Settings) -> AsyncGenerator[DeadLetter]:
    """All dead letters there are now, those of one key in order.

    The topic is read twice, for what was published again is known at its end.

    Raises:
        TopicMissingError: the topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    topics = Topics(settings)
    name = topics.dead_letters.name
    stages = {topic.name: str(stage) for stage, topic in topics.inputs().items()}
    retried: dict[str, str] = {}
    async with aclosing(read_records(settings, name, until_end=True)) as records:
        async for record in records:
            if _NOTE in record.headers:
                retried[_words(record.headers[_NOTE])] = _words(record.headers.get(_NOTE_TIME))
    async with aclosing(read_records(settings, name, until_end=True)) as records:
        async for record in records:
            if _NOTE not in record.headers and f"{HEADER}topic" in record.headers:
                came_from = _words(record.headers[f"{HEADER}topic"])
                yield DeadLetter(record, retried.get(_id(record)), stages.get(came_from, ""))


async def letters_by_id(settings: Settings, ids: Collection[str]) -> dict[str, DeadLetter]:
    """Those of the dead letters that are asked for and there.

    Raises:
        TopicMissingError, BrokerUnavailableError: as `read_dead_letters`.
    """
    async with aclosing(read_dead_letters(settings)) as letters:
        return {letter.id: letter async for letter in letters if letter.id in ids}


async def superseded(settings: Settings, letters: Sequence[DeadLetter]) -> set[str]:
    """The ids of letters whose key got a newer message since, in a topic of which only the newest counts.

    To publish such a one again would put what is old in the place of what is new. One that does not say
    where it lay is taken for such. Marks between stages carry no data, and can always be published again.

    Raises:
        TopicMissingError: a topic they came from does not exist.
        BrokerUnavailableError: no broker answers.
    """
    found: set[str] = set()
    for topic in {one.name for one in Topics(settings) if one.compacted}:
        some = [letter for letter in letters if letter.topic == topic]
        if some:
            found |= await _superseded_in(topic, some, settings)
    return found


async def _superseded_in(topic: str, letters: Iterable[DeadLetter], settings: Settings) -> set[str]:
    waiting: dict[tuple[int, bytes | None], list[tuple[int, str]]] = {}
    starts: dict[int, int] = {}
    found: set[str] = set()
    for letter in letters:
        if letter.place is None:
            found.add(letter.id)
            continue
        partition, offset = letter.place
        waiting.setdefault((partition, letter.record.key), []).append((offset, letter.id))
        starts[partition] = min(offset + 1, starts.get(partition, offset + 1))
    async with aclosing(read_records(settings, topic, until_end=True, starts=starts)) as records:
        async for record in records:
            same = waiting.get((record.partition, record.key), ())
            found.update(letter_id for offset, letter_id in same if offset < record.offset)
    return found


async def publish_again(settings: Settings, letters: Iterable[DeadLetter]) -> None:
    """Publish letters to the topics they came from, as they came, and note it.

    Whoever is cut off in between leaves letters that were published and are not noted: published once
    more they do no harm, for every stage takes repeats.

    Raises:
        TopicMissingError: a topic does not exist, for a generation that is gone, say.
        BrokerUnavailableError: no broker answers.
    """
    iterator = iter(letters)
    async with Publisher(settings) as publisher:
        while some := list(islice(iterator, _AT_ONCE)):
            await _deliver(publisher, [letter.original() for letter in some])
            await _deliver(publisher, [_note(letter) for letter in some])


async def _deliver(publisher: Publisher, messages: Iterable[Message]) -> None:
    sent = [await publisher.send(one.topic, one.key, one.value, one.headers) for one in messages]
    await publisher.confirmed(sent)


def _note(letter: DeadLetter) -> Message:
    headers = {_NOTE: letter.id.encode(), _NOTE_TIME: utc_now().encode()}
    return Message(letter.record.topic, letter.record.key, None, headers=headers)


def _words(header: bytes | None) -> str:
    return (header or b"").decode("utf-8", "replace")


def _id(record: Message) -> str:
    return f"{record.partition}:{record.offset}"
