"""A subscriber that reads every event, and what it knows after each: by the events' own words only."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.events import MatchEvent
from streams.events.headers import read_told
from streams.settings import Settings


@dataclass
class Subscriber:
    """Keeps each listing's matches by adding and removing, and skips revisions that it knows.

    Attributes:
        lists: what it knows by what was added and removed.
        revisions: the last of each listing.
        causes: of all events, in order.
        faults: what was not as the contract says.
        compacted: whether events may be gone before they are read; what changed is checked where none is missing.
    """

    settings: Settings
    lists: dict[str, set[str]] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    compacted: bool = False

    async def follow(self) -> None:
        """Read for ever."""
        async with aclosing(read_records(self.settings, Topics(self.settings).matches.name)) as records:
            async for record in records:
                self._hear(MatchEvent.from_bytes(record.key, record.value), read_told(record.headers)[0])
                self.read[record.partition] = record.offset + 1

    async def up_to(self, ends: dict[int, int]) -> None:
        """Wait until it has read so far."""
        while any(self.read.get(partition, 0) < end for partition, end in ends.items()):  # noqa: ASYNC110 - a look now and then
            await asyncio.sleep(0.1)

    def _hear(self, event: MatchEvent, revision_of_tombstone: int) -> None:
        revision, before = event.revision or revision_of_tombstone, self.revisions.get(event.listing_id, 0)
        if revision < before:
            self.faults.append(f"{event.listing_id}: revision {revision} after {before}")
        if revision <= before:
            return
        self.revisions[event.listing_id] = revision
        if event.matches is None:
            self.lists.pop(event.listing_id, None)
            return
        self.causes.append(event.cause)
        known = (self.lists.get(event.listing_id, set()) | set(event.added)) - set(event.removed)
        now = {match.listing_id for match in event.matches}
        if known != now and not (self.compacted and revision > before + 1):
            self.faults.append(f"{event.listing_id}: {known} by what changed, {now} by the list, at {revision}")
        self.lists[event.listing_id] = now
