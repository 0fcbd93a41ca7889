"""An index of dictionaries with exact NumPy search, for unit tests of whatever stands on the port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.index.layout import Layout, point_id
from streams.index.port import Change, Hit, Page, Payload, Point, Query, View, points_of

Before = Callable[[str, Sequence[Change]], Awaitable[None]]
"""Called with what is about to happen and to which changes; whatever it raises ends the call there."""

PHASES = ("record", "rows", "payload", "forget")


class MemoryIndex:
    """Keeps the port's promises in memory and shares nothing with its callers.

    Args:
        dimensions: length of the rows of each dense modality.
        before: awaited before each method (`read`, `search`, `write`, `scan` for each page, `count`, `backup`,
            with no changes except for `write`) and before each phase of each change (`record`, `rows`,
            `payload`, `forget`, with that one change), phases with nothing to do left out. Raising
            there is a crash at that moment; awaiting there lets other tasks in.
    """

    def __init__(self, dimensions: Mapping[Modality, int], before: Before | None = None) -> None:
        self.before = before
        self.round_trips = 0
        self._layout = Layout("memory", dimensions)
        self._stored: dict[str, _Stored] = {}
        self._copies: dict[str, dict[str, _Stored]] = {}

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        if not listing_ids:
            return {}
        await self._begin("read")
        return {i: self._stored[i].point(i, views, fields) for i in listing_ids if i in self._stored}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        self._layout.check_queries(queries)
        if not queries:
            return []
        await self._begin("search")
        return [self._hits(query, fields) for query in queries]

    async def write(self, changes: Sequence[Change]) -> None:
        self._layout.check_changes(changes)
        if not changes:
            return
        frozen = [_frozen(change) for change in changes]
        await self._begin("write", changes)
        for change in frozen:
            if not change.record:
                self._stored.setdefault(change.listing_id, _Stored())
            for phase in PHASES:
                await self._apply(change, phase)

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        await self._begin("scan")
        ids = sorted((point_id(i), i) for i in self._stored if point_id(i) >= (start or ""))
        points = [self._stored[i].point(i, views) for _, i in ids[:size]]
        return Page(points, ids[size][0] if len(ids) > size else None)

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        return points_of(self, views, page_size)

    async def count(self) -> int:
        await self._begin("count")
        return len(self._stored)

    async def backup(self, name: str) -> str:
        await self._begin("backup")
        self._copies[name] = deepcopy(self._stored)
        return f"copy '{name}'"

    def restore(self, name: str) -> None:
        """Go back to what a backup of that name holds."""
        self._stored = deepcopy(self._copies[name])

    async def close(self) -> None:
        pass

    async def _begin(self, step: str, changes: Sequence[Change] = ()) -> None:
        if self.before is not None:
            await self.before(step, changes)
        await asyncio.sleep(0)
        self.round_trips += 1

    async def _apply(self, change: Change, phase: str) -> None:
        if not getattr(change, phase):
            return
        if self.before is not None:
            await self.before(phase, [change])
        await asyncio.sleep(0)
        self._stored.setdefault(change.listing_id, _Stored()).apply(change, phase)

    def _hits(self, query: Query, fields: Collection[str]) -> list[Hit]:
        hits = []
        for listing_id, stored in self._stored.items():
            row = stored.rows[query.view].get(query.modality)
            similarity = None if row is None else _similarity(query.row, row)
            if similarity is not None and similarity >= query.floor:
                hits.append(Hit(listing_id, similarity, stored.copied(fields)))
        return sorted(hits, key=lambda hit: -hit.similarity)[: query.limit]


@dataclass(slots=True)
class _Stored:
    payload: dict[str, Any] = field(default_factory=dict)
    rows: dict[View, Embedding] = field(default_factory=lambda: {view: {} for view in View})

    def apply(self, change: Change, phase: str) -> None:
        if phase == "rows":
            self.rows.update(change.rows)
        elif phase == "forget":
            self.payload = {name: value for name, value in self.payload.items() if name not in change.forget}
        else:
            self.payload.update(getattr(change, phase))

    def copied(self, fields: Collection[str] | None = None) -> dict[str, Any]:
        """These fields of the payload, or all of it."""
        wanted = self.payload if fields is None else fields
        stored = {name: value for name, value in self.payload.items() if value is not None and name in wanted}
        return orjson.loads(orjson.dumps(stored))

    def point(self, listing_id: str, views: Collection[View], fields: Collection[str] | None = None) -> Point:
        rows = {view: _copied_rows(self.rows[view]) if view in views else {} for view in View}
        return Point(listing_id, self.copied(fields), rows[View.RAW], rows[View.BLENDED])


def _frozen(change: Change) -> Change:
    return Change(
        change.listing_id,
        record=_copied_payload(change.record),
        rows={view: _copied_rows(rows) for view, rows in change.rows.items()},
        payload=_copied_payload(change.payload),
        forget=tuple(change.forget),
    )


def _copied_payload(payload: Payload) -> Payload:
    return orjson.loads(orjson.dumps(payload))


def _copied_rows(rows: Embedding) -> Embedding:
    return {modality: _copied_row(row) for modality, row in rows.items()}


def _copied_row(row: Row) -> Row:
    if isinstance(row, SparseRow):
        return SparseRow(row.indices.copy(), row.values.copy())
    return row.copy()


def _similarity(a: Row, b: Row) -> float | None:
    """Their dot product; None for sparse rows that share nothing, which no engine returns."""
    if not isinstance(a, SparseRow):
        return float(np.dot(a, b))
    _, in_a, in_b = np.intersect1d(a.indices, b.indices, assume_unique=True, return_indices=True)
    return float(np.dot(a.values[in_a], b.values[in_b])) if len(in_a) else None
