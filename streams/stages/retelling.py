"""The last message of each listing in `embeddings` says what stands, in whatever order they came.

The topic is compacted: an index that is built anew sees the last message of each listing and no other.
Where that one is overtaken (a seller's stale repeat, a photo that was fetched again while a newer version
was on its way) or lacks a row that an earlier one of its version had, the index stage, which has both,
says once more what stands. That message is the last one then, and nothing follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from encoders.types import Embedding
from streams.events import EmbeddingEvent, Standing
from streams.stages import state
from streams.stages.change import Replacement
from streams.stages.contents import MODALITIES_OF
from streams.stages.dependencies import Channel, Letter

_SENT: Final = frozenset(chain.from_iterable(MODALITIES_OF.values()))
"""Modalities whose rows are in messages; others are derived where they are stored."""


def told_again(replacement: Replacement, last: EmbeddingEvent) -> list[Letter]:
    """What stands after a change, if the last of the messages that brought it about does not say so."""
    gone = set(replacement.forget)
    payload = {k: v for k, v in {**replacement.before.payload, **replacement.payload}.items() if k not in gone}
    rows = {modality: row for modality, row in replacement.new.embedding.items() if modality in _SENT}
    standing = state.standing_of(payload)
    event = _standing_event(replacement.listing_id, standing, payload, rows)
    if _says(last, standing, event):
        return []
    return [Letter(Channel.EMBEDDINGS, event.listing_id.encode(), event.to_bytes())]


def _says(event: EmbeddingEvent, standing: Standing, whole: EmbeddingEvent) -> bool:
    """Whether it alone comes to what stands. Which of equal publications came first it need not say."""
    if standing.listed:
        same = event.version == standing.version and event.generated == whole.generated
        return same and whole.embedding.keys() <= event.embedding.keys() and whole.seals.items() <= event.seals.items()
    if event.version is None:
        return event.position == standing.withdrawn_at
    return event.version == standing.version and event.version.withdrawn


def _standing_event(listing_id: str, standing: Standing, payload: Mapping[str, Any], rows: Embedding) -> EmbeddingEvent:
    if standing.listed:
        return EmbeddingEvent(
            listing_id,
            standing.version,
            standing.published,
            payload.get(state.LISTING),
            rows,
            payload.get(state.SEALS, {}),
            payload.get(state.FAILURES, {}),
            state.generated_of(payload),
        )
    if standing.version is not None and standing.version.withdrawn:
        return EmbeddingEvent(listing_id, standing.version, standing.published)
    return EmbeddingEvent(listing_id, None, standing.withdrawn_at or standing.published)
