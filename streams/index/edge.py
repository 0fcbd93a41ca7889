"""The index inside this process: Qdrant Edge, exact search, on disk, one process at a time.

The engine holds Python's interpreter lock while it works, so every step is kept short and the event
loop gets a turn between steps. Every write is in the engine's journal when it returns: a process that
is killed loses nothing; a machine that loses power can lose what its operating system held back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Final, Self

import qdrant_edge as engine
from filelock import FileLock

from encoders.types import Modality
from streams.errors import IndexRefusedError
from streams.index.edge_backup import copy_beside
from streams.index.edge_calls import config, operation, vector
from streams.index.edge_folder import lock_collection, read_layout, write_layout
from streams.index.layout import ID_FIELD, Layout, hits, payload_wanted, point_id, score_floor, vector_name
from streams.index.plan import steps
from streams.index.port import Change, Hit, Page, Point, Query, View, points_of

_WRITES_PER_FLUSH: Final = 100
"""Flushing lets the engine drop old journal files. It takes milliseconds; never doing it fills the disk."""


class EdgeIndex:
    """The `Index` of one collection of an embedded folder. Make one with `open`."""

    def __init__(self, shard: engine.EdgeShard, lock: FileLock, directory: Path, layout: Layout) -> None:
        self.round_trips = 0
        self._shard, self._lock, self._directory, self._layout = shard, lock, directory, layout
        self._writes = 0
        self._turn = asyncio.Lock()

    @classmethod
    def open(cls, folder: Path, collection: str, dimensions: Mapping[Modality, int]) -> Self:
        """Open a collection, or create it.

        Raises:
            IndexLockedError: it is open already, here or in another process.
            IndexMismatchError: it was made for other dimensions.
            VectorIndexError: it can't be read or written.
        """
        layout, directory = Layout(collection, dimensions), folder / collection
        lock = lock_collection(folder, collection)
        try:
            with _told(directory):
                return cls(_load(directory, layout), lock, directory, layout)
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
        with _told(self._directory):
            records = self._shard.retrieve(ids, payload_wanted(fields), self._layout.vector_names(views))
        await asyncio.sleep(0)
        points = [self._layout.point(record) for record in records]
        return {point.listing_id: point for point in points}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        self._layout.check_queries(queries)
        self.round_trips += bool(queries)
        found = []
        for query in queries:
            found.append(self._hits(query, fields))
            await asyncio.sleep(0)
        return found

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        self._layout.check_changes(changes)
        self.round_trips += bool(changes)
        for step in steps(self._layout, changes):
            async with self._turn:
                with _told(self._directory):
                    self._shard.update(operation(step))
            await asyncio.sleep(0)
        self._writes += bool(changes)
        self._flush_sometimes()

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        self.round_trips += 1
        names = self._layout.vector_names(views)
        request = engine.ScrollRequest(offset=start, limit=size, with_payload=True, with_vector=names)
        with _told(self._directory):
            records, after = self._shard.scroll(request)
        await asyncio.sleep(0)
        return Page([self._layout.point(record) for record in records], None if after is None else str(after))

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return points_of(self, views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        self.round_trips += 1
        with _told(self._directory):
            return self._shard.count(engine.CountRequest(exact=True))

    async def backup(self, name: str) -> str:
        """See `Index.backup`. Writes wait meanwhile, reads do not."""
        self.round_trips += 1
        async with self._turn:
            with _told(self._directory):
                self._shard.flush()
            return str(await copy_beside(self._directory.parent, self._directory.name, name))

    async def close(self) -> None:
        """See `Index.close`."""
        async with self._turn:  # a copy that is under way would not be of one moment
            try:
                with _told(self._directory):
                    self._shard.close()
            finally:
                self._lock.release()

    def _flush_sometimes(self) -> None:
        if self._writes >= _WRITES_PER_FLUSH:
            with _told(self._directory):
                self._shard.flush()
            self._writes = 0

    def _hits(self, query: Query, fields: Collection[str]) -> list[Hit]:
        nearest = engine.Query.Nearest(vector(query.row), using=vector_name(query.view, query.modality))
        with _told(self._directory):
            found = self._shard.query(
                engine.QueryRequest(
                    limit=query.limit,
                    query=nearest,
                    score_threshold=score_floor(query.floor),
                    with_payload=[ID_FIELD, *fields],
                )
            )
        return hits(found, query.floor)


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


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    """Tell the engine's errors, which are of no class of their own, as ours."""
    try:
        yield
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise IndexRefusedError(
            f"index '{directory}'",
            got=f"'{error}' from the engine",
            wanted="the call to succeed",
            remedy="if it is damaged, delete that folder and run 'matchstream reindex start NAME'",
        ) from error
