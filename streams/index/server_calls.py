"""What a Qdrant server is told, in its client's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from qdrant_client import models

from encoders.types import Row, SparseRow
from streams.index.layout import ID_FIELD, score_floor, vector_name
from streams.index.plan import CreatePoints, RemoveFields, RemoveRows, SetFields, SetRows, Step
from streams.index.port import Query

_RESCORED: Final = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0))
"""Rows of bytes find twice as many as are wanted, and the rows themselves say how similar these are."""


def request(query: Query, fields: Collection[str], *, quantized: bool) -> models.QueryRequest:
    """One query of a search."""
    return models.QueryRequest(
        query=_vector(query.row),
        using=vector_name(query.view, query.modality),
        limit=query.limit,
        params=_RESCORED if quantized else None,
        score_threshold=score_floor(query.floor),
        with_payload=[ID_FIELD, *fields],
    )


def operation(step: Step) -> models.UpdateOperation:
    """One step of a write."""
    match step:
        case CreatePoints(payloads):
            points = [models.PointStruct(id=point, vector={}, payload=dict(p)) for point, p in payloads.items()]
            listed = models.PointsList(points=points, update_mode=models.UpdateMode.INSERT_ONLY)
            return models.UpsertOperation(upsert=listed)
        case SetFields(point, payload):
            return models.SetPayloadOperation(set_payload=models.SetPayload(payload=dict(payload), points=[point]))
        case SetRows(rows):
            vectors = [models.PointVectors(id=point, vector=_vectors(named)) for point, named in rows.items()]
            return models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(points=vectors))
        case RemoveRows(ids, names):
            return models.DeleteVectorsOperation(
                delete_vectors=models.DeleteVectors(points=list(ids), vector=list(names))
            )
        case RemoveFields(ids, fields):
            return models.DeletePayloadOperation(
                delete_payload=models.DeletePayload(points=list(ids), keys=list(fields))
            )


def _vectors(rows: Mapping[str, Row]) -> dict[str, models.Vector]:
    return {name: _vector(row) for name, row in rows.items()}


def _vector(row: Row) -> list[float] | models.SparseVector:
    if isinstance(row, SparseRow):
        return models.SparseVector(indices=row.indices.tolist(), values=row.values.tolist())
    numbers: list[float] = row.tolist()
    return numbers
