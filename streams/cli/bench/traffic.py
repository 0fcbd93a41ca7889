"""What a listing costs beside time: records and bytes of each topic, and bytes of the index."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import orjson

from encoders.bundle import read_bundle
from encoders.types import Embedding, SparseRow
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.index.opening import open_reader
from streams.index.port import View
from streams.settings import Settings


@dataclass(slots=True)
class Traffic:
    """Records of one topic, and the bytes of their keys, values and headers."""

    records: int = 0
    bytes: int = 0

    def less(self, before: Traffic) -> Traffic:
        """What came in between."""
        return Traffic(self.records - before.records, self.bytes - before.bytes)

    def of_each(self, listings: int) -> dict[str, float]:
        """In the mean."""
        return {"records": self.records / max(1, listings), "bytes": self.bytes / max(1, listings)}


@dataclass(slots=True)
class Stored:
    """Points of an index, and the bytes of what they hold.

    Attributes:
        dense: of dense rows in both views, four bytes a number.
        sparse: likewise of sparse rows, with an index of four bytes for each number.
        payload: as JSON.
    """

    points: int = 0
    dense: int = 0
    sparse: int = 0
    payload: int = 0

    def of_a_listing(self) -> dict[str, float]:
        """The bytes of one, in the mean."""
        all_ = {"dense": self.dense, "sparse": self.sparse, "payload": self.payload}
        return {name: size / max(1, self.points) for name, size in all_.items()}


@dataclass(frozen=True, slots=True)
class Left:
    """What a run leaves behind.

    Args:
        topics: records of each, after all listings.
        topics_later: likewise, after each had another price.
        stored: in the index, before that.
    """

    topics: Mapping[str, Traffic]
    topics_later: Mapping[str, Traffic]
    stored: Stored

    def of_a_listing(self) -> dict[str, dict[str, float]]:
        """Records and bytes by topic."""
        return {name: one.of_each(self.stored.points) for name, one in self.topics.items()}

    def of_a_price(self) -> dict[str, dict[str, float]]:
        """Likewise, of an update of a price."""
        return {
            name: one.less(self.topics[name]).of_each(self.stored.points) for name, one in self.topics_later.items()
        }


async def traffic_of(settings: Settings) -> dict[str, Traffic]:
    """What lies in each topic that the stages read or write, by its name without prefix and generation."""
    topics = Topics(settings)
    told = {"matches": topics.matches, "products": topics.products}
    names = {**{topic.name.rpartition(".")[2]: topic for topic in topics.inputs().values()}, **told}
    return {name: await _traffic(settings, topic.name) for name, topic in names.items()}


async def _traffic(settings: Settings, topic: str) -> Traffic:
    found = Traffic()
    async with aclosing(read_records(settings, topic, until_end=True)) as records:
        async for record in records:
            found.records += 1
            told = sum(len(name.encode()) + len(value or b"") for name, value in record.headers.items())
            found.bytes += len(record.key or b"") + len(record.value or b"") + told
    return found


async def stored_in(settings: Settings) -> Stored:
    """What the index of a worker that runs holds.

    Raises:
        IndexUnavailableError: it does not answer.
    """
    found = Stored()
    reader = await open_reader(settings, read_bundle(settings.bundle).dimensions)
    try:
        async for point in reader.scan(list(View)):
            found.points += 1
            found.payload += len(orjson.dumps(dict(point.payload)))
            for embedding in (point.raw, point.blended):
                _add_rows(found, embedding)
    finally:
        await reader.close()
    return found


def _add_rows(found: Stored, embedding: Embedding) -> None:
    for row in embedding.values():
        if isinstance(row, SparseRow):
            found.sparse += row.indices.nbytes + row.values.nbytes
        else:
            found.dense += row.nbytes
