"""An index that fails on demand, around any other: what a server does in its bad minutes, seen from its client."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import orjson

from chaos.remote_index import unavailable
from streams.index.passing import PassingIndex
from streams.index.port import Change, Hit, Index, Page, Point, Query, View, points_of

_Result = TypeVar("_Result")

_SLOW_S: Final = 0.3
_SHARE: Final = 0.4
"""Of the calls that trouble meets."""


class Trouble(StrEnum):
    """What goes wrong with a call."""

    TIMES_OUT = "times out"
    """It is carried out, and nobody is told."""

    REFUSES = "refuses"
    """It is not carried out, as with a 503."""

    PARTLY = "partly"
    """A batch is written in part."""

    SLOW = "slow"
    """It takes its time."""


@dataclass
class Control:
    """A file that says what trouble there is and until when, and one beside it that counts the calls it met."""

    file: Path

    def set(self, trouble: Trouble, seconds: float) -> None:
        new = self.file.with_suffix(".new")
        new.write_bytes(orjson.dumps({"trouble": trouble, "until": time.time() + seconds}))
        new.replace(self.file)

    def now(self) -> Trouble | None:
        try:
            stored = orjson.loads(self.file.read_bytes())
        except FileNotFoundError:
            return None
        return Trouble(stored["trouble"]) if time.time() < stored["until"] else None

    def count(self, trouble: Trouble) -> None:
        with self.file.with_suffix(".met").open("a") as met:
            met.write(f"{trouble.value}\n")

    def met(self) -> int:
        """How many calls met trouble so far, in all processes."""
        try:
            return len(self.file.with_suffix(".met").read_text().splitlines())
        except FileNotFoundError:
            return 0


class FaultyIndex(PassingIndex):
    """An `Index` with the troubles that its control tells.

    Args:
        index: what it stands around.
        control: who decides.
        dice: which of the calls it meets.
    """

    def __init__(self, index: Index, control: Control, dice: random.Random) -> None:
        super().__init__(index)
        self._control, self._dice = control, dice

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        trouble = await self._meet()
        return _unless(trouble, await self.index.read(listing_ids, views, fields))

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        trouble = await self._meet()
        return _unless(trouble, await self.index.search(queries, fields))

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        trouble = await self._meet()
        if trouble is Trouble.PARTLY and changes:
            await self.index.write(self._part(changes))
        else:
            await self.index.write(changes)
        _unless(trouble, None)

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        trouble = await self._meet()
        return _unless(trouble, await self.index.page(start, size, views))

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return points_of(self, views, page_size)

    async def _meet(self) -> Trouble | None:
        """What this call meets; one that is refused ends here."""
        trouble = self._control.now()
        if trouble is None or self._dice.random() > _SHARE:
            return None
        self._control.count(trouble)
        if trouble is Trouble.SLOW:
            await asyncio.sleep(_SLOW_S)
        if trouble is Trouble.REFUSES:
            raise unavailable("503")
        return trouble

    def _part(self, changes: Sequence[Change]) -> list[Change]:
        """Some of the changes, and of the next one only its beginning: the order of `Change` is kept."""
        whole = self._dice.randrange(len(changes))
        torn = changes[whole]
        beginnings = [
            Change(torn.listing_id, record=torn.record),
            Change(torn.listing_id, record=torn.record, rows=torn.rows),
            Change(torn.listing_id, record=torn.record, rows=torn.rows, payload=torn.payload),
        ]
        return [*changes[:whole], self._dice.choice(beginnings)]


def _unless(trouble: Trouble | None, result: _Result) -> _Result:
    """The result, if its answer gets through."""
    if trouble in {Trouble.TIMES_OUT, Trouble.PARTLY}:
        raise unavailable("no answer in time")
    return result
