"""What the engine is to do, and in which order, so that changes keep the promises of the port.

The engine has no one operation for a `Change`. A batch becomes a few steps, each done for many points
at once: create, record, rows, removed rows, payload, forget. A view that loses a modality is two steps,
a set and a removal. Between them a reader must not see a mixture of old and new, so the set puts a
placeholder of zeros, which reads as absent, wherever a row is going to be removed; only a query with a
floor of zero or less could meet one in that moment, with a similarity of zero. For sparse rows the
placeholder does one thing more: the engine (qdrant-edge 0.9) forgets to take a removed row out of its
inverted index and finds the listing by its old words once it has new ones; an empty row takes them out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.index.layout import ID_FIELD, Layout, point_id, vector_name
from streams.index.port import Change, Payload, View


@dataclass(frozen=True, slots=True)
class CreatePoints:
    """Create points with these payloads, by point id; those that exist already stay as they are."""

    payloads: Mapping[str, Payload]


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set payload fields of one point; its others stay."""

    point_id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class SetRows:
    """Set rows by vector name of points by point id; their others stay. Each point changes at once."""

    rows: Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True, slots=True)
class RemoveRows:
    """Remove the vectors of these names from these points, where they have them."""

    point_ids: Sequence[str]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class RemoveFields:
    """Remove payload fields from these points, where they have them."""

    point_ids: Sequence[str]
    fields: Sequence[str]


Step = CreatePoints | SetFields | SetRows | RemoveRows | RemoveFields


def steps(layout: Layout, changes: Sequence[Change], there: Collection[str] | None = None) -> Iterator[Step]:
    """The steps of a batch, in order. Each must be acknowledged before the next begins.

    Args:
        layout: of the collection.
        changes: the batch.
        there: ids of the points that exist, if nobody else can make one until the first step is done; None where
            that is not known.
    """
    new = _create(changes, there or ())
    if new.payloads:
        yield new
    recorded = set() if there is None else set(new.payloads)
    for wave in waves(changes):
        yield from _set_records(wave, recorded)
        yield from _set_rows(layout, wave)
        yield from _remove_rows(layout, wave)
        yield from _set_fields((change.listing_id, change.payload) for change in wave)
        yield from _remove_fields(wave)


def in_pieces(step: Step, size: int) -> Iterator[Step]:
    """The same for at most so many points at a time, where a step takes long for each."""
    if not isinstance(step, SetRows):
        yield step
        return
    each = iter(step.rows.items())
    while some := dict(islice(each, size)):
        yield SetRows(some)


def waves(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Split into runs in which no listing comes twice, so that each phase can be done for a whole run."""
    wave: dict[str, Change] = {}
    for change in changes:
        if change.listing_id in wave:
            yield list(wave.values())
            wave = {}
        wave[change.listing_id] = change
    if wave:
        yield list(wave.values())


def _create(changes: Sequence[Change], there: Collection[str]) -> CreatePoints:
    """A new point comes with the record of its first change, so that it never exists without one."""
    payloads: dict[str, dict[str, Any]] = {}
    for change in changes:
        if (point := point_id(change.listing_id)) not in there and point not in payloads:
            payloads[point] = {ID_FIELD: change.listing_id, **change.record}
    return CreatePoints(payloads)


def _set_records(wave: Sequence[Change], recorded: set[str]) -> Iterator[SetFields]:
    """The records of a wave but those that new points came with, which are taken out of `recorded`."""
    for step in _set_fields((change.listing_id, change.record) for change in wave):
        if step.point_id not in recorded:
            yield step
    recorded.difference_update(point_id(change.listing_id) for change in wave)


def _set_fields(payloads: Iterator[tuple[str, Payload]]) -> Iterator[SetFields]:
    return (SetFields(point_id(listing_id), payload) for listing_id, payload in payloads if payload)


def _set_rows(layout: Layout, wave: Sequence[Change]) -> Iterator[SetRows]:
    rows = {point_id(change.listing_id): _whole_rows(layout, change.rows) for change in wave}
    rows = {point: named for point, named in rows.items() if named}
    if rows:
        yield SetRows(rows)


def _whole_rows(layout: Layout, views: Mapping[View, Embedding]) -> dict[str, Row]:
    """Rows by vector name, with a placeholder for each that is going to be removed."""
    return {
        vector_name(view, modality): embedding.get(modality, _placeholder(layout, modality))
        for view, embedding in views.items()
        for modality in layout.modalities
    }


def _placeholder(layout: Layout, modality: Modality) -> Row:
    if modality.sparse:
        return SparseRow(np.empty(0, np.uint32), np.empty(0, np.float32))
    return np.zeros(layout.dimensions[modality], np.float32)


def _remove_rows(layout: Layout, wave: Sequence[Change]) -> Iterator[RemoveRows]:
    grouped = _grouped((change.listing_id, _missing(layout, change.rows)) for change in wave)
    return (RemoveRows(points, names) for names, points in grouped.items())


def _missing(layout: Layout, views: Mapping[View, Embedding]) -> tuple[str, ...]:
    return tuple(
        vector_name(view, modality)
        for view, embedding in views.items()
        for modality in layout.modalities
        if modality not in embedding
    )


def _remove_fields(wave: Sequence[Change]) -> Iterator[RemoveFields]:
    grouped = _grouped((change.listing_id, tuple(sorted(change.forget))) for change in wave)
    return (RemoveFields(points, fields) for fields, points in grouped.items())


def _grouped(pairs: Iterator[tuple[str, tuple[str, ...]]]) -> dict[tuple[str, ...], list[str]]:
    """Point ids by what they have in common; those with nothing to do left out."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for listing_id, key in pairs:
        if key:
            grouped.setdefault(key, []).append(point_id(listing_id))
    return grouped
