"""What a point's payload holds, by name, and how it is read.

Each field has one owner, so that stages which work on one listing at the same time never write the
same field: the index stage the truth, blend the neighborhood, match the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from encoders.types import Embedding, Modality, Row
from streams.events import Match, Standing
from streams.events.rows import embedding_from_json, embedding_to_json
from streams.index.port import Payload, Point, View

# Written by the index stage
LISTING: Final = "listing"
"""The listing as its seller sent it."""
STANDING: Final = "standing"
"""Which version counts, also of a listing that is withdrawn."""
SEALS: Final = "seals"
FAILURES: Final = "failures"

# Written by the blend stage
RADIUS: Final = "radius"

# Written by the match stage
MATCHES: Final = "matches"
REVISION: Final = "revision"
UNTOLD: Final = "untold"
"""The ids that subscribers were last told of, there while a newer list may not have reached them."""

# Written by whoever owns the view
MODALITIES: Final = {View.RAW: "modalities_raw", View.BLENDED: "modalities_blended"}
"""Which modalities the rows of a view are of, so that a search that did not find one knows whether it is there."""

PENDING: Final = {View.RAW: "pending_raw", View.BLENDED: "pending_blended"}
"""Embeddings that were replaced while those who depend on them may not be marked yet."""


def standing_of(payload: Payload) -> Standing:
    """Which version counts so far."""
    stored = payload.get(STANDING)
    return Standing() if stored is None else Standing.from_json(stored)


def pending_of(point: Point, view: View) -> list[dict[Modality, Row]] | None:
    """The replaced embeddings on record, oldest first; None where there is no record."""
    record = point.payload.get(PENDING[view])
    return None if record is None else [embedding_from_json(one) for one in record]


def pending_record(replaced: list[Embedding], view: View) -> dict[str, Any]:
    """The payload fields that put replaced embeddings on record."""
    return {PENDING[view]: [embedding_to_json(embedding) for embedding in replaced]}


def matches_of(payload: Payload) -> tuple[Match, ...] | None:
    """The stored match list, None if there is none."""
    stored = payload.get(MATCHES)
    return None if stored is None else tuple(Match.from_json(one) for one in stored)


@dataclass(frozen=True, slots=True)
class Untold:
    """What subscribers knew before a list that they may not have been told of yet."""

    listing_ids: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As a payload value."""
        return {"listing_ids": list(self.listing_ids)}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Untold | None:
        """The record in a payload, None if there is none."""
        stored = payload.get(UNTOLD)
        return None if stored is None else cls(tuple(stored["listing_ids"]))
