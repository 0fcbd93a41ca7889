"""How a value that others depend on is changed so that no crash and no race leaves anything stale.

Four steps, in this order, for a batch at a time:

1. write a record of what is about to be replaced, then the new value;
2. look around after the write is acknowledged: whoever's next stage reads the new value or a recorded
   one;
3. mark them, and the listing itself, in the next topic, and wait until the broker has the marks;
4. clear the record. Only then may the input be acknowledged.

A redelivered input that finds a record goes on at 2. The record is written even when nothing is
replaced: without it a crash between 2 and 4 of a first write would leave no trace.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from streams.events import Mark
from streams.events.rows import same_rows
from streams.index.port import Change, Payload, Point, View
from streams.matching.details import Described
from streams.stages import state
from streams.stages.dependencies import Channel, Dependencies, Letter

Valued = tuple[str, Described]
"""A listing's id, and what it is or was in the view that changes."""

LookAround = Callable[[Sequence[Valued]], Awaitable[list[list[str]]]]
"""For each value the ids of the listings that depend on it."""


@dataclass(frozen=True)
class Replacement:
    """A new value of one listing in one view: its embedding there, and its words.

    Args:
        before: the point as it was read; without payload if there is none yet.
        view: in which view.
        new: the new value, with an empty embedding when the listing is gone.
        cause: what happened, in words.
        record: payload fields that must be there before the value.
        payload: payload fields that change with the value.
        forget: payload fields that go with it.
    """

    before: Point
    view: View
    new: Described
    cause: str
    record: Payload = field(default_factory=dict)
    payload: Payload = field(default_factory=dict)
    forget: Sequence[str] = ()

    @property
    def listing_id(self) -> str:
        """Whose embedding it is."""
        return self.before.listing_id

    @cached_property
    def _old(self) -> Described:
        return state.described(self.before, self.view)

    @cached_property
    def replaces(self) -> bool:
        """Whether the value differs from the stored one."""
        return self._new_rows or self._old.details != self.new.details

    @cached_property
    def _new_rows(self) -> bool:
        return not same_rows(self._old.embedding, self.new.embedding)

    @property
    def unfinished(self) -> bool:
        """Whether an earlier attempt left a record."""
        return state.pending_of(self.before, self.view) is not None

    def replaced(self) -> list[Described]:
        """Every value that somebody may still depend on, oldest first."""
        earlier = [*(state.pending_of(self.before, self.view) or [])]
        return [*earlier, self._old] if self.replaces else earlier

    def values(self) -> list[Described]:
        """Those of them that others can depend on, the new one, and what could be read in between.

        Rows are written before words, so that somebody may have seen new rows with the words before.
        """
        steps = [*self.replaced(), self.new]
        torn = [
            Described(new.embedding, old.details)
            for old, new in pairwise(steps)
            if self.view is View.BLENDED and old.details != new.details
        ]
        return [one for one in (*steps, *torn) if one.embedding]

    def writing(self) -> Change:
        """Step 1."""
        record = {**state.pending_record(self.replaced(), self.view), **self.record} if self.replaces else self.record
        return Change(
            self.listing_id,
            record=record,
            rows={self.view: self.new.embedding} if self._new_rows else {},
            payload={**self.payload, **self._modalities()},
            forget=self.forget,
        )

    def _modalities(self) -> Payload:
        """Searches go by them: they follow the rows of their own view within the four steps, never by themselves."""
        name, now = state.MODALITIES[self.view], sorted(modality.value for modality in self.new.embedding)
        return {} if self.before.payload.get(name, []) == now else {name: now}


async def carry_out(
    replacements: Sequence[Replacement], look: LookAround, channel: Channel, dependencies: Dependencies
) -> None:
    """The four steps for a batch of replacements in one view, marking in `channel`."""
    writes = [replacement.writing() for replacement in replacements]
    await dependencies.index.write([write for write in writes if _says_something(write)])
    moved = [replacement for replacement in replacements if replacement.replaces or replacement.unfinished]
    if not moved:
        return
    touched = await _touched(moved, look)
    await dependencies.outbox.deliver(
        [Letter.mark(channel, Mark(listing_id, cause)) for listing_id, cause in touched.items()]
    )
    cleared = [Change(one.listing_id, forget=(state.PENDING[one.view],)) for one in moved]
    await dependencies.index.write(cleared)


def _says_something(change: Change) -> bool:
    return bool(change.record or change.rows or change.payload or change.forget)


async def _touched(moved: Sequence[Replacement], look: LookAround) -> Mapping[str, str]:
    """Whom to mark, with the first cause."""
    asked = [(one, value) for one in moved for value in one.values()]
    dependants = await look([(one.listing_id, value) for one, value in asked])
    touched = {one.listing_id: one.cause for one in moved}
    for (one, _), listing_ids in zip(asked, dependants, strict=True):
        for listing_id in listing_ids:
            touched.setdefault(listing_id, one.cause)
    return touched
