"""The index inside this process: Qdrant Edge, exact search, on disk, one process at a time.

The engine holds Python's interpreter lock while it works, so every step is kept short and the event
loop gets a turn between steps (`streams.index.pace`). Every write is in the engine's journal when it
returns: a process that is killed loses nothing; a machine that loses power can lose what its operating
system held back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Final, Self

import qdrant_edge as engine
from filelock import FileLock

from encoders.types import Modality
from streams.index.edge_backup import copy_beside
from streams.index.edge_calls import config, operation, told
from streams.index.edge_folder import lock_collection, read_layout, write_layout
from streams.index.edge_room import SERVES, Room
from streams.index.edge_search import EdgeSearch
from streams.index.layout import Layout, payload_wanted, point_id
from streams.index.pace import Pace
from streams.index.plan import Step, in_pieces, steps
from streams.index.port import Change, Hit, Page, Point, Query, View, points_of
from streams.index.remembered import Remembered, number_of

_READ_FEWEST: Final = 16
_READ_MOST: Final = 256
"""Points read in one step."""
_SET_MOST: Final = 32
"""Points whose rows are set in one step."""
_STEPS_MOST: Final = 64
"""Steps of a write before others get a turn."""
_WRITES_PER_FLUSH: Final = 100
"""Flushing lets the engine drop old journal files. It takes milliseconds; never doing it fills the disk."""


class EdgeIndex:
    """The `Index` of one collection of an embedded folder. Make one with `open`."""

    def __init__(self, shard: engine.EdgeShard, lock: FileLock, directory: Path, layout: Layout, room: Room) -> None:
        self.round_trips = 0
        self._shard, self._lock, self._directory, self._layout = shard, lock, directory, layout
        self._remembered = Remembered()
        self._searching = EdgeSearch(shard, self._remembered)
        self._reading, self._writing = Pace(_READ_FEWEST, _READ_MOST), Pace(1, _STEPS_MOST)
        self._writes, self._room = 0, room
        room.look(shard.info().points_count)
        self._turn = asyncio.Lock()

    @classmethod
    def open(cls, folder: Path, collection: str, dimensions: Mapping[Modality, int], *, serves: int = SERVES) -> Self:
        """Open a collection, or create it. With more listings than it serves well, the log says so.

        Raises:
            IndexLockedError: it is open already, here or in another process.
            IndexMismatchError: it was made for other dimensions.
            VectorIndexError: it can't be read or written.
        """
        layout, directory = Layout(collection, dimensions), folder / collection
        lock = lock_collection(folder, collection)
        try:
            with told(directory):
                return cls(_load(directory, layout), lock, directory, layout, Room(directory, serves))
        except BaseException:
            lock.release()
            raise

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        if not listing_ids:
            return {}
        self.round_trips += 1
        ids: list[engine.PointId] = [point_id(listing_id) for listing_id in dict.fromkeys(listing_ids)]
        wanted, names = payload_wanted(fields), self._layout.vector_names(views)
        points: list[Point] = []
        for piece in self._reading.pieces(ids):
            with self._reading.timed(len(piece)), told(self._directory):
                points += map(self._layout.point, self._shard.retrieve(list(piece), wanted, names))
            await asyncio.sleep(0)
        return {point.listing_id: point for point in points}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        self._layout.check_queries(queries)
        self.round_trips += bool(queries)
        found: dict[int, list[Hit]] = {}
        pieces = self._searching.pieces(queries, fields)
        with told(self._directory):
            for piece in pieces:
                found |= piece
                await asyncio.sleep(0)
        return [found[place] for place in range(len(queries))]

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        self._layout.check_changes(changes)
        if not changes:
            return
        self.round_trips += 1
        async with self._turn:  # until those who are new are made, nobody else may make one
            plan = steps(self._layout, changes, self._there(changes))
            self._do(next(plan, None))
        await asyncio.sleep(0)
        left = [piece for whole in plan for piece in in_pieces(whole, _SET_MOST)]
        for some in self._writing.pieces(left):
            async with self._turn:
                with self._writing.timed(len(some)):
                    for step in some:
                        self._do(step)
            await asyncio.sleep(0)
        self._writes += 1
        self._flush_sometimes()

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        self.round_trips += 1
        names = self._layout.vector_names(views)
        request = engine.ScrollRequest(offset=start, limit=size, with_payload=True, with_vector=names)
        with told(self._directory):
            records, after = self._shard.scroll(request)
        await asyncio.sleep(0)
        return Page([self._layout.point(record) for record in records], None if after is None else str(after))

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return points_of(self, views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        self.round_trips += 1
        with told(self._directory):
            return self._shard.count(engine.CountRequest(exact=True))

    async def backup(self, name: str) -> str:
        """See `Index.backup`. Writes wait meanwhile, reads do not."""
        self.round_trips += 1
        async with self._turn:
            with told(self._directory):
                self._shard.flush()
            return str(await copy_beside(self._directory.parent, self._directory.name, name))

    async def close(self) -> None:
        """See `Index.close`."""
        async with self._turn:  # a copy that is under way would not be of one moment
            try:
                with told(self._directory):
                    self._shard.close()
            finally:
                self._lock.release()

    def _there(self, changes: Sequence[Change]) -> set[str]:
        """Ids of the points that exist among those of changes."""
        points = {number_of(point_id(change.listing_id)): point_id(change.listing_id) for change in changes}
        with told(self._directory):
            self._searching.find_out(points)
        return {points[number] for number in points.keys() - self._remembered.missing(points)}

    def _do(self, step: Step | None) -> None:
        if step is not None:
            with told(self._directory), self._remembered.following(step):
                self._shard.update(operation(step))

    def _flush_sometimes(self) -> None:
        if self._writes >= _WRITES_PER_FLUSH:
            with told(self._directory):
                self._shard.flush()
                self._room.look(self._shard.info().points_count)
            self._writes = 0


def _load(directory: Path, layout: Layout) -> engine.EdgeShard:
    stored, shard = read_layout(directory), directory / "shard"
    if stored is not None:
        layout.check_stored(stored)
        return engine.EdgeShard.load(str(shard))
    # without a layout, whatever lies here is of a creation that was cut short
    rmtree(shard, ignore_errors=True)
    shard.mkdir(parents=True)
    created = engine.EdgeShard.create(str(shard), config(layout))
    created.flush()
    write_layout(directory, layout.dense_vectors())
    return created
