"""A stage that no message can stop: what fails is tried in halves, and what fails alone is laid aside.

A batch that raises is cut in two, and again, down to single messages; the pieces are worked off in
their order, so that no message overtakes an earlier one of its key. A message that keeps failing alone
goes to the dead letters as it came, and the rest goes on. A message that ends the process is found in
the same way, by the journal, over several starts.

What the world is to blame for (no broker, a setting) is no message's fault: it ends the worker, whose
supervisor starts it again; only an index that does not answer is waited for (`streams.stages.patience`).
A row of messages that fail with none succeeding in between ends it too, for it may be a broken machine;
a fresh process looks at the next.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from streams.errors import IndexUnavailableError, MatchstreamError
from streams.events import Message
from streams.events.records import dead_letter_headers
from streams.redaction import without_login
from streams.stages.company import Company
from streams.stages.dependencies import Channel, Letter, Outbox
from streams.stages.faults import Fault
from streams.stages.journal import Journal
from streams.stages.journals import Journals
from streams.stages.observer import SILENT, Observer, Why
from streams.stages.patience import Patience

_IN_A_ROW: Final = 8
_SHOWN_KEY: Final = 80
_REMEDY: Final = "mend the cause, then run 'matchstream dead-letters retry'"

_log = logging.getLogger(__name__)

Process = Callable[[Sequence[Message]], Awaitable[None]]
"""A stage with its dependencies: finishes a batch or raises."""


@dataclass
class Attempts:
    """A stage whose failing messages are laid aside; called like the stage itself.

    A batch may be handed over before the one before it is done; they have each other for company then, in the
    journal too. A batch with suspects has none.

    Args:
        stage: its name.
        process: the stage with its dependencies. What it raises half way must be as if it had been killed there.
        outbox: takes the dead letters.
        journals: of this process.
        journal: the stage's own one among them.
        limit: so often a message is tried alone.
        patience: with an index that does not answer.
        redact: takes secrets out of what a dead letter says about a failure.
        observer: who counts retries and what is laid aside.
    """

    stage: str
    process: Process
    outbox: Outbox
    journals: Journals
    journal: Journal
    limit: int = 3
    patience: Patience = field(default_factory=Patience)
    redact: Callable[[str], str] = without_login
    observer: Observer = SILENT
    _company: Company = field(default_factory=Company, init=False)
    _laid_aside_in_a_row: int = field(default=0, init=False)

    async def __call__(self, messages: Sequence[Message]) -> None:
        """Work off a batch: every message is done or in the dead letters, or what ended it is raised.

        Raises:
            MatchstreamError: the world is to blame.
            Exception: whatever too many messages in a row failed with.
        """
        self.journal.look_beside()
        suspects = any(self.journal.deaths(one).company for one in messages)
        async with self._company.keeping(alone=suspects):
            for piece in self._pieces(messages):
                async with self._turn(piece):
                    await self._work_off(piece)

    def _pieces(self, messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
        """The batch in order: suspects in half the company that a process died in, and nobody else with them."""
        open_ = (one for one in messages if not self.journal.laid_aside(one))
        for company, some in groupby(open_, lambda one: self.journal.deaths(one).company):
            piece = list(some)
            size = (company + 1) // 2 or len(piece)
            yield from (piece[start : start + size] for start in range(0, len(piece), size))

    def _turn(self, piece: Sequence[Message]) -> AbstractAsyncContextManager[object]:
        return self.journals.turn if self.journal.deaths(piece[0]).company else nullcontext()

    async def _work_off(self, messages: Sequence[Message]) -> None:
        if len(messages) == 1:
            await self._work_off_alone(messages[0])
            return
        error = await self._tried(messages)
        if error is None:
            return
        _log.warning("stage '%s': %d messages failed with %s: in halves", self.stage, len(messages), _kind(error))
        self.observer.retried(self.stage)
        middle = len(messages) // 2
        await self._work_off(messages[:middle])
        await self._work_off(messages[middle:])

    async def _work_off_alone(self, message: Message, attempt: int = 1) -> None:
        deaths = self.journal.deaths(message).alone
        if deaths >= self.limit:
            await self._lay_aside(message, Fault.of_deaths(deaths), Why.DIED)
            return
        error = await self._tried([message])
        if error is None:
            return
        if attempt < self.limit:
            self.observer.retried(self.stage)
            await self._work_off_alone(message, attempt + 1)
            return
        self._count_in_a_row(error)
        await self._lay_aside(message, Fault.of(error, attempt, self.redact), Why.FAILED)

    async def _tried(self, messages: Sequence[Message]) -> Exception | None:
        """What the messages may be to blame for, None when they are done."""
        try:
            await self._answered(messages)
        except MatchstreamError as error:
            if not error.may_be_of_a_message:
                raise
            return error
        except Exception as error:  # noqa: BLE001 - whatever code does with a message it does not expect
            return error
        self._laid_aside_in_a_row = 0
        self.journal.settle(messages)
        return None

    async def _answered(self, messages: Sequence[Message]) -> None:
        """Work off messages, as often as it takes until the index answers.

        In halves from the second try on: a call that takes too long for the index is shorter with fewer. What
        succeeds is followed by ever larger pieces, so that an index which was only gone soon has whole batches.
        """
        try:
            with self.journal.in_hand(messages):
                await self.process(messages)
        except IndexUnavailableError as error:
            await self.patience.wait(error, self.journals.ending)
            self.observer.retried(self.stage)
        else:
            self.patience.answered()
            return
        middle = (len(messages) + 1) // 2
        for piece in (messages[:middle], messages[middle:]):
            if piece:
                await self._answered(piece)

    def _count_in_a_row(self, error: Exception) -> None:
        if self._laid_aside_in_a_row == _IN_A_ROW:
            _log.error("stage '%s': %d messages in a row failed; the worker ends", self.stage, _IN_A_ROW + 1)
            raise error
        self._laid_aside_in_a_row += 1

    async def _lay_aside(self, message: Message, fault: Fault, why: Why) -> None:
        """A failure to do so is raised: nothing is lost then, for nothing is acknowledged."""
        details = {"stage": self.stage, "error": fault.error, "traceback": fault.traceback}
        reason = f"stage '{self.stage}': {_named(message)} {fault.what}; {_REMEDY}"
        headers = dead_letter_headers(message, reason, details)
        await self.outbox.deliver([Letter(Channel.DEAD_LETTERS, message.key, message.value, headers)])
        self.journal.lay_aside(message)
        self.observer.laid_aside(self.stage, why)
        _log.error(
            "stage '%s' laid %s aside (%s): see 'matchstream dead-letters list --stage %s'",
            self.stage,
            _named(message),
            fault.error,
            self.stage,
        )


def _kind(error: Exception) -> str:
    return type(error).__name__


def _named(message: Message) -> str:
    """By its key, which is a listing's id in all topics but one, made safe to print."""
    key = repr((message.key or b"").decode("utf-8", "replace")[:_SHOWN_KEY])
    return f"listing {key} ({message.topic}, partition {message.partition}, offset {message.offset})"
