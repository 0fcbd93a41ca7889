"""What goes over the socket of a shared index: a JSON value, and after it the rows that it speaks of, as bytes.

Rows are little-endian float32 (a sparse row: its uint32 indices, then its values), one after another in the
order in which the JSON tells their lengths: a number for a dense row, a list of one for a sparse one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.index.port import Point, View

_LENGTH_BYTES: Final = 4
_NUMBER_BYTES: Final = 4

Length = int | list[int]


class FrameError(Exception):
    """What came is no frame, or one that is too large."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, in either direction."""

    head: Mapping[str, Any]
    rows: bytes = b""


async def read_frame(reader: asyncio.StreamReader, at_most: int) -> Frame:
    """One frame.

    Raises:
        IncompleteReadError: the other end is gone.
        FrameError: it has more bytes than that, or is none.
    """
    lengths = await reader.readexactly(2 * _LENGTH_BYTES)
    sizes = [int.from_bytes(lengths[at : at + _LENGTH_BYTES], "big") for at in (0, _LENGTH_BYTES)]
    if sum(sizes) > at_most:
        raise FrameError(f"{sum(sizes)} bytes, at most {at_most} wanted")
    head, rows = await reader.readexactly(sizes[0]), await reader.readexactly(sizes[1])
    try:
        value = orjson.loads(head)
    except orjson.JSONDecodeError as error:
        raise FrameError(str(error)) from error
    if not isinstance(value, dict):
        raise FrameError("not a JSON object")
    return Frame(value, rows)


async def write_frame(writer: asyncio.StreamWriter, frame: Frame) -> None:
    """Send it, and return when the other end has taken most of it."""
    head = orjson.dumps(frame.head)
    lengths = b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") for part in (head, frame.rows))
    writer.writelines([lengths, head, frame.rows])
    await writer.drain()


class RowsOut:
    """Collects rows, and tells the length of each for the JSON."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []

    def embedding(self, embedding: Embedding) -> dict[str, Length]:
        """The length of each row by its modality."""
        return {modality.value: self.row(row) for modality, row in embedding.items()}

    def row(self, row: Row) -> Length:
        """Its length."""
        if isinstance(row, SparseRow):
            self._add(row.indices.astype("<u4").tobytes())
            self._add(row.values.astype("<f4").tobytes())
            return [len(row.indices)]
        self._add(row.astype("<f4").tobytes())
        return len(row)

    def point(self, point: Point) -> dict[str, Any]:
        """A point."""
        views = {view.value: self.embedding(point.view(view)) for view in View if point.view(view)}
        return {"id": point.listing_id, "payload": point.payload, "views": views}

    def joined(self) -> bytes:
        """All of them."""
        return b"".join(self._parts)

    def _add(self, part: bytes) -> None:
        self._parts.append(part)
        self.size += len(part)


class RowsIn:
    """Gives rows back in the order they were collected."""

    def __init__(self, rows: bytes) -> None:
        self._rows, self._at = rows, 0

    def embedding(self, lengths: Mapping[str, Length]) -> dict[Modality, Row]:
        """Back from `RowsOut.embedding`."""
        return {Modality(name): self.row(length) for name, length in lengths.items()}

    def row(self, length: Length) -> Row:
        """Back from `RowsOut.row`.

        Raises:
            ValueError: there are not so many bytes.
        """
        if isinstance(length, list):
            (entries,) = length
            return SparseRow(self._numbers("<u4", entries).astype(np.uint32), self._floats(entries))
        return self._floats(length)

    def point(self, value: Mapping[str, Any]) -> Point:
        """Back from `RowsOut.point`."""
        views = {View(name): self.embedding(lengths) for name, lengths in value["views"].items()}
        return Point(value["id"], value["payload"], views.get(View.RAW, {}), views.get(View.BLENDED, {}))

    def _floats(self, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return self._numbers("<f4", count).astype(np.float32)

    def _numbers(self, kind: str, count: int) -> np.ndarray[Any, Any]:
        if count < 0 or self._at + count * _NUMBER_BYTES > len(self._rows):
            raise ValueError(f"a row of {count} numbers, and {len(self._rows) - self._at} bytes left")
        found = np.frombuffer(self._rows, kind, count, self._at)
        self._at += count * _NUMBER_BYTES
        return found
