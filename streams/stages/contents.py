"""Which contents of a listing are embedded already, so that nothing is embedded twice.

A content's seal is a digest of the content and one of the rows made from it. Rows are reused only
where both agree with what is read from the index, so that a point caught in the middle of a change
is never taken for what it says it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from encoders.types import Embedding, Modality, Row
from streams.events import Listing, Seals
from streams.events.rows import digest_of_rows
from streams.index.port import Index, Point, View
from streams.stages import state

TITLE: Final = "title"
IMAGE: Final = "image"
MODALITIES_OF: Final = {TITLE: (Modality.TEXT, Modality.LEXICAL), IMAGE: (Modality.IMAGE,)}
"""Which modalities are made from which content."""


@dataclass(frozen=True, slots=True)
class Reusable:
    """Rows of contents that did not change, and their seals."""

    embedding: Embedding = field(default_factory=dict)
    seals: Seals = field(default_factory=dict)


def contents_of(listing: Listing) -> dict[str, str]:
    """The contents a listing has, by name: its title, and where its image is."""
    return {name: text for name, text in ((TITLE, listing.title), (IMAGE, listing.image)) if text}


def seals_of(contents: Mapping[str, str], embedding: Embedding) -> dict[str, str]:
    """The seals of contents whose rows are in the embedding."""
    return {
        name: f"{_digest(text)}.{digest_of_rows(rows.values())}"
        for name, text in contents.items()
        if (rows := _rows_of(name, embedding))
    }


async def reusable(listings: Mapping[str, Listing], index: Index) -> dict[str, Reusable]:
    """What needs no encoder, for each listing: rows are read only of those where a content is as it was."""
    points = await index.read(listings)
    unchanged = [i for i, point in points.items() if _same_contents(point, contents_of(listings[i]))]
    sealed = await index.read(unchanged, views=[View.RAW])
    return {i: _reusable(point, contents_of(listings[i])) for i, point in sealed.items()}


def _same_contents(point: Point, contents: Mapping[str, str]) -> list[str]:
    seals = point.payload.get(state.SEALS, {})
    return [name for name, text in contents.items() if seals.get(name, "").startswith(_digest(text) + ".")]


def _reusable(point: Point, contents: Mapping[str, str]) -> Reusable:
    now = seals_of(contents, point.raw)
    stored = point.payload.get(state.SEALS, {})
    seals = {name: seal for name, seal in now.items() if stored.get(name) == seal}
    rows = {modality: row for name in seals for modality, row in _rows_of(name, point.raw).items()}
    return Reusable(rows, seals)


def _rows_of(name: str, embedding: Embedding) -> dict[Modality, Row]:
    return {modality: embedding[modality] for modality in MODALITIES_OF[name] if modality in embedding}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
