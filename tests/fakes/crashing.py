"""A stage that some messages are too much for, and workers around it that die of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from streams.events import Message
from streams.stages import Letter
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals

GOOD, POISON, DEADLY = b"good", b"poison", b"deadly"


class DeathError(BaseException):
    """The process died here: what is on disk stays as it is at this moment."""


class Outbox:
    """Keeps what it is given; says no where it is told to."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.fails_with: Exception | None = None

    async def deliver(self, letters: Sequence[Letter]) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.letters.extend(letters)


class Workers:
    """One worker after the other on one folder, with a stage that does messages one by one.

    Args:
        folder: for the journals.
        fault: what a poisonous message raises; None lets it through.
        limit: attempts at one message.

    Attributes:
        done: every message that was done, as often as it was.
        tries: how many messages each call of the stage had.
        deaths: how many workers died.
    """

    def __init__(self, folder: Path, fault: Callable[[], Exception] | None = KeyError, limit: int = 3) -> None:
        self.folder, self.fault, self.limit = folder, fault, limit
        self.outbox = Outbox()
        self.done: list[Message] = []
        self.tries: list[int] = []
        self.deaths = self.ended = 0
        self._at_death: dict[Path, bytes] = {}

    async def stage(self, messages: Sequence[Message]) -> None:
        self.tries.append(len(messages))
        for message in messages:
            if message.value == DEADLY:
                self._at_death = {file: file.read_bytes() for file in self.folder.glob("*.json")}
                raise DeathError
            if message.value == POISON and self.fault:
                raise self.fault()
            self.done.append(message)

    async def work(self, batches: Sequence[Sequence[Message]]) -> None:
        """Work off all batches, from the first that is not acknowledged each time a worker ends."""
        acknowledged = 0
        while acknowledged < len(batches):
            try:
                with Journals(self.folder) as journals:
                    attempts = self.attempts(journals)
                    for batch in batches[acknowledged:]:
                        await attempts(batch)
                        acknowledged += 1
            except DeathError:
                self.deaths += 1
                for file, content in self._at_death.items():
                    file.write_bytes(content)
            except KeyError:
                self.ended += 1

    def attempts(self, journals: Journals, name: str = "index") -> Attempts:
        """The stage as a worker runs it."""
        return Attempts(name, self.stage, self.outbox, journals, journals.of(name), self.limit)


def record(offset: int, value: bytes = GOOD, *, partition: int = 0, key: bytes = b"a") -> Message:
    """A message of a stage's topic."""
    return Message("g1.embeddings", key, value, partition=partition, offset=offset, timestamp_ms=1_000 + offset)
