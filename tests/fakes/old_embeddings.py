"""Messages of `embeddings` as they were while all of them was JSON; topics that are kept still have them."""

import base64

import numpy as np
import orjson

from encoders.types import Embedding, Row, SparseRow
from streams.events import EmbeddingEvent


def as_json(event: EmbeddingEvent) -> bytes:
    return orjson.dumps(fields_of(event))


def fields_of(event: EmbeddingEvent) -> dict[str, object]:
    return {
        "version": event.version.to_json() if event.version else None,
        "position": list(event.position),
        "listing": event.listing,
        "embedding": rows_as_json(event.embedding),
        "seals": event.seals,
        "failures": event.failures,
        **({"generated": event.generated.to_json()} if event.generated else {}),
    }


def rows_as_json(embedding: Embedding) -> dict[str, object]:
    return {modality.value: _row(row) for modality, row in embedding.items()}


def base64_of(numbers: object, kind: str = "<f4") -> str:
    return base64.b64encode(np.asarray(numbers, kind).tobytes()).decode()


def _row(row: Row) -> str | list[str]:
    if isinstance(row, SparseRow):
        return [base64_of(row.indices, "<u4"), base64_of(row.values)]
    return base64_of(row)
