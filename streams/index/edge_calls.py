"""What the embedded engine is told, in its own words, and what it says when it fails, in ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as engine

from encoders.types import Row, SparseRow
from streams.errors import IndexRefusedError
from streams.index.layout import Layout
from streams.index.plan import CreatePoints, RemoveFields, RemoveRows, SetFields, SetRows, Step


def config(layout: Layout) -> engine.EdgeConfig:
    """The collection to make."""
    dense = layout.dense_vectors().items()
    return engine.EdgeConfig(
        vectors={name: engine.EdgeVectorParams(size, engine.Distance.Dot) for name, size in dense},
        sparse_vectors={name: engine.EdgeSparseVectorParams() for name in layout.sparse_vectors()},
    )


def operation(step: Step) -> engine.UpdateOperation:
    """One step of a write."""
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
    return {name: vector(row) for name, row in rows.items()}


def vector(row: Row) -> list[float] | engine.SparseVector:
    """A row."""
    if isinstance(row, SparseRow):
        return engine.SparseVector(row.indices.tolist(), row.values.tolist())
    numbers: list[float] = row.tolist()
    return numbers


@contextmanager
def told(directory: Path) -> Iterator[None]:
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
