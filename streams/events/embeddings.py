"""Messages of the topic `embeddings`: a listing with its rows, complete in itself.

They are complete even where nothing was embedded anew, so that the topic alone rebuilds an index and
no message depends on another one having been applied before it. The rows lie behind the rest as they are
(`streams.events.packed`). Before they did, all was JSON; the topic is kept for ever, so that is read, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import orjson

from encoders.types import NOTHING_GENERATED, Embedding, Generated, SparseRow
from streams.events.generated import read_generated
from streams.events.packed import FORMAT, packed, unpacked
from streams.events.refusals import not_ours
from streams.events.rows import embedding_from_json
from streams.events.versions import Position, Version

Seals = Mapping[str, str]
"""Content name ('title', 'image', 'words') to the seal of what was embedded; see `streams.stages.contents`."""


@dataclass(frozen=True, slots=True)
class EmbeddingEvent:
    """One listing as embedded, or its withdrawal.

    Args:
        version: None for a withdrawal that states none.
        position: of the listing's record.
        listing: the JSON as the seller sent it, None for a withdrawal.
        seals: which content the rows belong to.
        failures: modality to the reason it is missing although the listing has the content.
        generated: what models say of the photos.
    """

    listing_id: str
    version: Version | None
    position: Position
    listing: Mapping[str, Any] | None = None
    embedding: Embedding = field(default_factory=dict)
    seals: Seals = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    generated: Generated = NOTHING_GENERATED

    @property
    def cause(self) -> str:
        """What happened, in words, for the events that follow from it."""
        return f"listing {self.listing_id} {'withdrawn' if self.listing is None else 'published'}"

    def to_bytes(self) -> bytes:
        """As the value of a record."""
        fields = {
            "version": self.version.to_json() if self.version else None,
            "position": list(self.position),
            "listing": self.listing,
            "seals": self.seals,
            "failures": self.failures,
            **({"generated": self.generated.to_json()} if self.generated else {}),
        }
        return packed(fields, self.embedding)

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `to_bytes`.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            fields, embedding = _read(value or b"")
            return cls(
                listing_id=(key or b"").decode(),
                version=Version.from_json(fields["version"]) if fields["version"] else None,
                position=Position.from_json(fields["position"]),
                listing=None if fields["listing"] is None else _object(fields["listing"]),
                embedding=_checked(embedding),
                seals=_object(fields["seals"]),
                failures=_object(fields["failures"]),
                generated=read_generated(fields.get("generated")),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            wanted, remedy = "what the embed stage writes", "give each generation topics of its own"
            raise not_ours("embeddings of", key, error, wanted=wanted, remedy=remedy) from error


def _read(value: bytes) -> tuple[Mapping[str, Any], Embedding]:
    if value.startswith(FORMAT):
        return unpacked(value)
    if not value.startswith(b"{"):
        raise ValueError(f"a message that begins with {value[:1]!r}")
    fields = orjson.loads(value)
    return fields, embedding_from_json(fields["embedding"])


def _checked(embedding: Embedding) -> Embedding:
    for row in embedding.values():
        if not np.isfinite(row.values if isinstance(row, SparseRow) else row).all():
            raise ValueError("a row with what is no number")
        if isinstance(row, SparseRow) and not (row.indices[1:] > row.indices[:-1]).all():
            raise ValueError("a sparse row whose indices do not grow")
    return embedding


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"a JSON {type(value).__name__} in place of an object")
    return value
