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

from encoders.types import Modality, Row, SparseRow
from streams.errors import IndexRefusedError
from streams.index.edge_folder import lock_collection, read_layout, write_layout
from streams.index.layout import ID_FIELD, Layout, hits, point_id, score_floor, vector_name
from streams.index.plan import CreatePoints, RemoveFields, RemoveRows, SetFields, SetRows, Step, steps
from streams.index.port import Change, Hit, Page, Point, Query, View, points_of

_WRITES_PER_FLUSH: Final = 100
"""Flushing lets the engine drop old journal files. It takes milliseconds; never doing it fills the disk."""


class EdgeIndex:
    """The `Index` of one collection of an embedded folder. Make one with `open`."""

    def __init__(self, shard: engine.EdgeShard, lock: FileLock, directory: Path, layout: Layout) -> None:
        self.round_trips = 0
        self._shard, self._lock, self._directory, self._layout = shard, lock, directory, layout
        self._writes = 0

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

    async def read(self, listing_ids: Collection[str], views: Collection[View] = ()) -> dict[str, Point]:
        """See `Index.read`."""
        if not listing_ids:
            return {}
        self.round_trips += 1
        ids: list[engine.PointId] = [point_id(listing_id) for listing_id in dict.fromkeys(listing_ids)]
        with _told(self._directory):
            records = self._shard.retrieve(ids, True, self._layout.vector_names(views))
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
            with _told(self._directory):
                self._shard.update(_operation(step))
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

    async def close(self) -> None:
        """See `Index.close`."""
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
        nearest = engine.Query.Nearest(_vector(query.row), using=vector_name(query.view, query.modality))
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
    created = engine.EdgeShard.create(str(shard), _config(layout))
    created.flush()
    write_layout(directory, layout.dense_vectors())
    return created


def _config(layout: Layout) -> engine.EdgeConfig:
    dense = layout.dense_vectors().items()
    return engine.EdgeConfig(
        vectors={name: engine.EdgeVectorParams(size, engine.Distance.Dot) for name, size in dense},
        sparse_vectors={name: engine.EdgeSparseVectorParams() for name in layout.sparse_vectors()},
    )


def _operation(step: Step) -> engine.UpdateOperation:
    update = engine.UpdateOperation
    match step:
        case CreatePoints(payloads):
            points = [engine.Point(point, {}, dict(payload)) for point, payload in payloads.items()]
            return update.upsert_points(points, update_mode=engine.UpdateMode.InsertOnly)
        case SetFields(point, payload):
            return update.set_payload([point], dict(payload))
        case SetRows(rows):
            return update.update_vectors([engine.PointVectors(point, _vectors(named)) for point, named in rows.items()])
        case RemoveRows(points, names):
            return update.delete_vectors(list(points), list(names))
        case RemoveFields(points, fields):
            return update.delete_payload(list(points), list(fields))


def _vectors(rows: Mapping[str, Row]) -> dict[str, engine.NamedVector]:
    return {name: _vector(row) for name, row in rows.items()}


def _vector(row: Row) -> list[float] | engine.SparseVector:
    if isinstance(row, SparseRow):
        return engine.SparseVector(row.indices.tolist(), row.values.tolist())
    numbers: list[float] = row.tolist()
    return numbers


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
