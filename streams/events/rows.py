"""Embeddings as JSON values: little-endian float32 and uint32 in base64, bit for bit."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from encoders.types import Embedding, Modality, Row, SparseRow


def embedding_to_json(embedding: Embedding) -> dict[str, Any]:
    """Modality name to base64 text, or for a sparse row to `[indices, values]`."""
    return {modality.value: _row_to_json(row) for modality, row in embedding.items()}


def embedding_from_json(value: Mapping[str, Any]) -> dict[Modality, Row]:
    """Back from `embedding_to_json`."""
    return {Modality(name): _row_from_json(row) for name, row in value.items()}


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


def _row_to_json(row: Row) -> str | list[str]:
    if isinstance(row, SparseRow):
        return [_text(row.indices.astype("<u4").tobytes()), _text(row.values.astype("<f4").tobytes())]
    return _text(row.astype("<f4").tobytes())


def _row_from_json(value: str | list[str]) -> Row:
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
    indices, values = (base64.b64decode(part, validate=True) for part in value)
    if len(indices) != len(values):
        raise ValueError(f"a sparse row of {len(indices)} bytes of indices and {len(values)} of values")
    return SparseRow(np.frombuffer(indices, "<u4").astype(np.uint32), np.frombuffer(values, "<f4").astype(np.float32))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
