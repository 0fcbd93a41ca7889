"""The fence: a worker that has lost its lease writes nothing any more.

Whoever lost its partitions works on listings that others work on by now, with what it read before them: what
it would write or send is old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streams.index.passing import PassingIndex
from streams.index.port import Change
from streams.stages.dependencies import Letter, Outbox
from streams.stages.lease import Lease


@dataclass(slots=True)
class FencedIndex(PassingIndex):
    """An `Index` that is read as ever, and written only while the lease holds."""

    lease: Lease

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`.

        Raises:
            LeaseLostError: it is lost; nothing was written.
        """
        self.lease.check()
        await self.index.write(changes)


@dataclass(frozen=True, slots=True)
class FencedOutbox:
    """An `Outbox` that sends only while the lease holds."""

    outbox: Outbox
    lease: Lease

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """See `Outbox.deliver`.

        Raises:
            LeaseLostError: it is lost; nothing was sent.
        """
        self.lease.check()
        await self.outbox.deliver(letters)
