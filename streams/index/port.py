"""The index port: one point per listing, holding the truth about it and all that is derived.

Adapters: `streams.index.edge` (Qdrant's engine inside the process), `streams.index.server` (a Qdrant
server, and qdrant-client's in-memory mode in tests). Beside the process that has an embedded index open,
others read it by `streams.index.shared`. One contract suite holds them all to this text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from encoders.types import Embedding, Modality, Row

Payload = Mapping[str, Any]
"""What a point holds beside its rows: JSON values by name (`streams.stages.state` names them)."""


class View(StrEnum):
    """Which of a listing's embeddings: as encoded, or blended with its neighborhood."""

    RAW = "raw"
    BLENDED = "blended"


@dataclass(frozen=True, slots=True)
class Point:
    """What is stored for one listing. A view that was not asked for, or never written, is empty."""

    listing_id: str
    payload: Payload
    raw: Embedding = field(default_factory=dict)
    blended: Embedding = field(default_factory=dict)

    def view(self, view: View) -> Embedding:
        """The embedding in that view."""
        return self.raw if view is View.RAW else self.blended


@dataclass(frozen=True, slots=True)
class Query:
    """Ask for the listings most similar to `row` in one view and modality.

    Args:
        row: unit length within 1e-3, of the modality's kind.
        floor: only similarities of at least this.
        limit: at most so many, the most similar first.
    """

    view: View
    modality: Modality
    row: Row
    floor: float
    limit: int


class Hit(NamedTuple):
    """One listing found, with the engine's float32 similarity and the payload fields asked for."""

    listing_id: str
    similarity: float
    payload: Payload


@dataclass(frozen=True, slots=True)
class Change:
    """What to write into one point; a point that does not exist yet is created.

    The parts take effect in the order `record`, `rows`, `payload`, `forget`, each acknowledged by
    the engine before the next: a crash in between leaves a prefix of them. All rows of one view
    change together.

    Args:
        record: payload fields that must be there before anything else changes.
        rows: for each view named, the whole new embedding: modalities not in it are removed.
        payload: payload fields to set; the others stay.
        forget: payload fields to remove, last.
    """

    listing_id: str
    record: Payload = field(default_factory=dict)
    rows: Mapping[View, Embedding] = field(default_factory=dict)
    payload: Payload = field(default_factory=dict)
    forget: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some points in the order of their ids, and where the next page starts; None after the last."""

    points: Sequence[Point]
    next: str | None


class IndexReader(Protocol):
    """The half of the port that looks at points. Every method is one round trip for the whole batch it is given.

    Raises (any method):
        IndexUnavailableError: the engine does not answer.
    """

    @property
    def round_trips(self) -> int:
        """How many calls went to the engine so far."""

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """The points that exist among those asked for, by listing id, with the views asked for.

        Args:
            listing_ids: whose.
            views: no rows without them.
            fields: of the payload; None is all of it.
        """

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """For each query its hits, the most similar first, with the payload fields asked for."""

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """Up to `size` points from one on, in the order of their ids (`streams.index.layout.point_id`).

        Any id is a start, of a point or not, and the same one however long ago the last page was read.
        """

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """Every point, page by page."""

    async def count(self) -> int:
        """How many points exist, the markers of withdrawn listings included."""

    async def close(self) -> None:
        """Let go of the engine. Nothing may be called afterwards."""


class Index(IndexReader, Protocol):
    """Where points live.

    A write is seen by every read and search that starts after it returned, and is durable.
    """

    async def write(self, changes: Sequence[Change]) -> None:
        """Write each change, in order; see `Change` for the order within one."""

    async def backup(self, name: str) -> str:
        """Make a copy of all points as they are at one moment, and tell in words where it is.

        Every write that returned before is in it; of those that come meanwhile, maybe the first ones. A name
        may be given again.

        Raises:
            IndexRefusedError: this engine makes no copies, or not under that name.
            VectorIndexError: there is no room for it; nothing of it is left.
        """


async def points_of(index: IndexReader, views: Collection[View], page_size: int) -> AsyncIterator[Point]:
    """What `IndexReader.scan` gives, by way of `IndexReader.page`."""
    start: str | None = None
    while True:
        page = await index.page(start, page_size, views)
        for point in page.points:
            yield point
        if (start := page.next) is None:
            return
