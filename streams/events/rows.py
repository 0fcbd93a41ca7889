"""Embeddings as JSON values: little-endian numbers in base64, bit for bit.

A row is written as float16 where that holds each of its numbers exactly, else as float32. What was written before
there was float16 is text alone, or for a sparse row a list of two.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, Row, SparseRow

_KINDS: Final = frozenset({"f2", "f4", "u4"})


def embedding_to_json(embedding: Embedding) -> dict[str, Any]:
    """Modality name to base64 text by kind: `{"f2": ...}` or `{"f4": ...}`, with `u4`, the indices, of a sparse row."""
    return {modality.value: _row_to_json(row) for modality, row in embedding.items()}


def embedding_from_json(value: Mapping[str, Any]) -> dict[Modality, Row]:
    """Back from `embedding_to_json`."""
    return {Modality(name): _row_from_json(row) for name, row in value.items()}


def floats_to_bytes(values: NDArray[np.float32]) -> tuple[str, bytes]:
    """The numbers, little-endian, and their kind: 'f2' where float16 keeps every bit of them, else 'f4'."""
    whole = np.asarray(values, "<f4")
    with np.errstate(over="ignore"):
        half = whole.astype("<f2")
    data = whole.tobytes()
    return ("f2", half.tobytes()) if half.astype("<f4").tobytes() == data else ("f4", data)


def same_rows(a: Embedding, b: Embedding) -> bool:
    """Whether two embeddings have the same modalities and the same bits."""
    return a.keys() == b.keys() and all(_row_bytes(a[m]) == _row_bytes(b[m]) for m in a)


def digest_of_rows(rows: Iterable[Row]) -> str:
    """A short fingerprint of rows, to see whether they are those that belong to a content."""
    digest = hashlib.blake2b(digest_size=8)
    for row in rows:
        digest.update(_row_bytes(row))
    return digest.hexdigest()


def _row_bytes(row: Row) -> bytes:
    if isinstance(row, SparseRow):
        return row.indices.astype("<u4").tobytes() + row.values.astype("<f4").tobytes()
    return row.astype("<f4").tobytes()


def _row_to_json(row: Row) -> dict[str, str]:
    kind, values = floats_to_bytes(row.values if isinstance(row, SparseRow) else row)
    indices = {"u4": _text(row.indices.astype("<u4").tobytes())} if isinstance(row, SparseRow) else {}
    return {**indices, kind: _text(values)}


def _row_from_json(value: str | list[str] | dict[str, str]) -> Row:
    kinds = value if isinstance(value, dict) else _as_written_before(value)
    [kind] = kinds.keys() - {"u4"}
    values = _numbers(kinds, kind).astype(np.float32)
    if "u4" not in kinds:
        return values
    indices = _numbers(kinds, "u4").astype(np.uint32)
    if len(indices) != len(values):
        raise ValueError(f"a sparse row of {len(indices)} indices and {len(values)} values")
    return SparseRow(indices, values)


def _as_written_before(value: str | list[str]) -> dict[str, str]:
    if isinstance(value, str):
        return {"f4": value}
    indices, values = value
    return {"u4": indices, "f4": values}


def _numbers(kinds: Mapping[str, str], kind: str) -> NDArray[Any]:
    if kind not in _KINDS:
        raise ValueError(f"numbers of kind {kind!r}")
    return np.frombuffer(base64.b64decode(kinds[kind], validate=True), f"<{kind}")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
