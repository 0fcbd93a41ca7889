"""How a point lies in the engine: its id, the names of its vectors, and what may be stored at all.

Both adapters share this, so that a collection made by one reads like one made by the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid5

import numpy as np

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.errors import IndexMismatchError, IndexRowError, VectorIndexError
from streams.index.port import Change, Hit, Payload, Point, Query, View

ID_FIELD: Final = "listing_id"
"""The payload field that every point has, beside what callers write."""

MODALITIES: Final = {View.RAW: "modalities_raw", View.BLENDED: "modalities_blended"}
"""Fields that callers keep and ask for with every hit: of which modalities the rows of a view are."""

_NAMESPACE: Final = UUID("4d15e6a5-3c0e-5d5b-9f0a-6d61746368ff")
_REINDEX: Final = "run 'matchstream reindex start NAME' with a new name"

_SPARSE: Final = {Modality.LEXICAL: None, Modality.LEXICAL_OR_CAPTION: Modality.TEXT_OR_CAPTION}
"""Sparse modalities, with the dense one that each comes with; collections from before there were captions stay as
they are."""


@lru_cache(maxsize=1 << 15)
def point_id(listing_id: str) -> str:
    """The engine's id of a listing: the same everywhere and for ever."""
    return str(uuid5(_NAMESPACE, listing_id))


def vector_name(view: View, modality: Modality) -> str:
    """What the engine calls the rows of one modality in one view, as in `image_raw`."""
    return f"{modality}_{view}"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which vectors the points of one collection may have.

    Lexical ones are always among them: where no listing has any they cost nothing.

    Args:
        collection: for messages.
        dimensions: length of the rows of each dense modality; sparse ones have none.

    Attributes:
        modalities: every modality a listing may have here, dense ones first.
        sparse: the sparse ones among them.
    """

    collection: str
    dimensions: Mapping[Modality, int]
    modalities: tuple[Modality, ...] = field(init=False, repr=False)
    sparse: tuple[Modality, ...] = field(init=False, repr=False)
    _names: Mapping[View, Mapping[Modality, str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        dense = {modality: size for modality, size in self.dimensions.items() if not modality.sparse}
        sparse = tuple(one for one, beside in _SPARSE.items() if beside is None or beside in dense)
        names = {view: {one: vector_name(view, one) for one in (*dense, *sparse)} for view in View}
        object.__setattr__(self, "dimensions", MappingProxyType(dense))
        object.__setattr__(self, "sparse", sparse)
        object.__setattr__(self, "modalities", (*dense, *sparse))
        object.__setattr__(self, "_names", names)

    def dense_vectors(self) -> dict[str, int]:
        """Length of each dense vector by its name."""
        return {vector_name(view, modality): size for view in View for modality, size in self.dimensions.items()}

    def sparse_vectors(self) -> tuple[str, ...]:
        """Names of the sparse vectors."""
        return tuple(vector_name(view, modality) for view in View for modality in self.sparse)

    def vector_names(self, views: Collection[View]) -> list[str]:
        """Names of every vector of these views."""
        return [name for view, names in self._names.items() if view in views for name in names.values()]

    def point(self, record: Any) -> Point:
        """Read a point from either engine's record: its `payload`, and in `vector` the vectors by name."""
        vectors, payload = record.vector or {}, record.payload  # an engine makes them anew each time they are asked for
        return Point(
            payload[ID_FIELD],
            plain(payload),
            raw=self._embedding(vectors, View.RAW),
            blended=self._embedding(vectors, View.BLENDED),
        )

    def _embedding(self, vectors: Mapping[str, Any], view: View) -> Embedding:
        rows = ((modality, _row(vectors[name])) for modality, name in self._names[view].items() if name in vectors)
        return {modality: row for modality, row in rows if not _is_placeholder(row)}

    def check_changes(self, changes: Sequence[Change]) -> None:
        """Refuse a batch before any of it is written.

        Raises:
            IndexRowError: a row that does not fit this collection.
            VectorIndexError: a change of the field that tells whose point it is.
        """
        for change in changes:
            for embedding in change.rows.values():
                for modality, row in embedding.items():
                    self._check_row(f"listing '{change.listing_id}'", modality, row)
            if ID_FIELD in {*change.record, *change.payload, *change.forget}:
                _refuse_field(change.listing_id)

    def check_queries(self, queries: Sequence[Query]) -> None:
        """Refuse a batch of queries in which one can't be asked here.

        Raises:
            IndexRowError: a row that does not fit this collection.
        """
        for query in queries:
            self._check_row("query", query.modality, query.row)

    def check_stored(self, stored: Mapping[str, int]) -> None:
        """Compare with the dense vectors that a stored collection has, by name.

        Raises:
            IndexMismatchError: they differ.
        """
        if dict(stored) != self.dense_vectors():
            raise IndexMismatchError(
                f"collection '{self.collection}'",
                got=_in_words(stored),
                wanted=_in_words(self.dense_vectors()),
                remedy=_REINDEX,
            )

    def _check_row(self, subject: str, modality: Modality, row: Row) -> None:
        if modality in self.sparse and isinstance(row, SparseRow):
            return
        size = self.dimensions.get(modality)
        if isinstance(row, SparseRow) or row.shape != (size,):
            raise IndexRowError(
                f"{subject}: {modality} row",
                got="a sparse row" if isinstance(row, SparseRow) else f"shape {row.shape}",
                wanted=f"{f'shape {(size,)}' if size else 'none'} in collection '{self.collection}'",
                remedy=_REINDEX,
            )


def payload_wanted(fields: Collection[str] | None) -> bool | list[str]:
    """What to ask for of a payload: these fields, with the one that tells whose it is; or all."""
    return True if fields is None else [ID_FIELD, *fields]


@lru_cache
def score_floor(floor: float) -> float:
    """The threshold to send: the engine keeps what is above it, the port wants what is at least `floor`."""
    return float(np.nextafter(np.float32(floor), np.float32(-np.inf)))


def hits(scored: Iterable[Any], floor: float) -> list[Hit]:
    """Read hits from either engine's scored points: their `score` and the `payload` fields that came along."""
    found = ((each.payload, each.score) for each in scored)
    return [Hit(payload[ID_FIELD], score, plain(payload)) for payload, score in found if score >= floor]


def plain(payload: Payload) -> dict[str, Any]:
    """What callers see of a stored payload: without the id field, and without nulls.

    Setting a field to null removes it in one engine and keeps it in another.
    """
    return {name: value for name, value in payload.items() if name != ID_FIELD and value is not None}


def _row(vector: Any) -> Row:
    """A row from the engine's list of numbers, or from its object with `indices` and `values`."""
    if isinstance(vector, list):
        return np.asarray(vector, np.float32)
    return SparseRow(np.asarray(vector.indices, np.uint32), np.asarray(vector.values, np.float32))


def _is_placeholder(row: Row) -> bool:
    """Whether the row only stands where another is about to be removed (see `streams.index.plan`)."""
    values = row.values if isinstance(row, SparseRow) else row
    return not values.any()


def _refuse_field(listing_id: str) -> None:
    raise VectorIndexError(
        f"listing '{listing_id}': payload field '{ID_FIELD}'",
        got="a change of it",
        wanted="a field of another name",
        remedy="the index sets this field itself; leave it out",
    )


def _in_words(vectors: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {size}" for name, size in sorted(vectors.items())) or "no dense vectors"
