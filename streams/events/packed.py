"""A JSON value and rows as the bytes of one message: a byte that says so, the JSON's length, the JSON, the rows.

The JSON tells of each row what it is made of, by its modality: `["f2", 384]` of a dense row, `["f2", 31, "gaps"]` of
a sparse one. The numbers lie behind one another in that order, little-endian; of a sparse row first where its entries
are, then what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, Row, SparseRow
from streams.events.rows import floats_to_bytes

FORMAT: Final = b"\x01"
"""The first byte. No JSON begins with it."""
_LENGTH_BYTES: Final = 4
_FLOATS: Final = {"f2": 2, "f4": 4}
_PLACES: Final = {"gaps": "<u2", "u4": "<u4"}
"""How the indices of a sparse row are written: each as what it is more than the one before, or as it is."""
_WIDEST_GAP: Final = 0xFFFF
_HIGHEST: Final = 0xFFFFFFFF

Told = list[str | int]


def packed(value: Mapping[str, Any], embedding: Embedding) -> bytes:
    """A message; `rows` in the JSON is where the rows are told."""
    told: dict[str, Told] = {}
    parts: list[bytes] = []
    for modality, row in embedding.items():
        told[modality.value], numbers = _written(row)
        parts += numbers
    head = orjson.dumps({**value, "rows": told})
    return b"".join([FORMAT, len(head).to_bytes(_LENGTH_BYTES, "little"), head, *parts])


def unpacked(message: bytes) -> tuple[dict[str, Any], dict[Modality, Row]]:
    """Back from `packed`.

    Raises:
        ValueError: what it tells is not what lies behind it; a `KeyError` or `TypeError` where it tells nothing.
    """
    start = len(FORMAT) + _LENGTH_BYTES
    end = start + int.from_bytes(message[len(FORMAT) : start], "little")
    if end > len(message):
        raise ValueError(f"a head that ends at byte {end} of {len(message)}")
    value = orjson.loads(message[start:end])
    rows, numbers = {}, _Numbers(message, end)
    for name, told in value["rows"].items():
        rows[Modality(name)] = _read(told, numbers)
    numbers.check_read()
    return value, rows


class _Numbers:
    """The numbers of a message, one row's after another's."""

    def __init__(self, message: bytes, start: int) -> None:
        self._message, self._at = message, start

    def next(self, kind: str, size: int, count: object) -> NDArray[Any]:
        """So many; nothing is allocated before they are known to be there."""
        left = len(self._message) - self._at
        if not isinstance(count, int) or not 0 <= count * size <= left:
            raise ValueError(f"a row of {count!r} numbers, and {left} bytes left")
        found = np.frombuffer(self._message, kind, count, self._at)
        self._at += count * size
        return found

    def check_read(self) -> None:
        """Return when nothing is left."""
        if self._at != len(self._message):
            raise ValueError(f"{len(self._message) - self._at} bytes behind the last row")


def _written(row: Row) -> tuple[Told, list[bytes]]:
    if isinstance(row, SparseRow):
        places, indices = _indices_to_bytes(row.indices)
        kind, values = floats_to_bytes(row.values)
        return [kind, len(row.indices), places], [indices, values]
    kind, values = floats_to_bytes(row)
    return [kind, len(row)], [values]


def _read(told: Told, numbers: _Numbers) -> Row:
    kind, count, *sparse = told
    if kind not in _FLOATS:
        raise ValueError(f"numbers of kind {kind!r}")
    indices = _indices(sparse, count, numbers) if sparse else None
    values = numbers.next(f"<{kind}", _FLOATS[str(kind)], count).astype(np.float32)
    return values if indices is None else SparseRow(indices, values)


def _indices_to_bytes(indices: NDArray[np.uint32]) -> tuple[str, bytes]:
    gaps = indices.copy()
    gaps[1:] -= indices[:-1]  # a step back wraps around, and is far too wide
    if gaps.max(initial=0) > _WIDEST_GAP:
        return "u4", indices.astype("<u4").tobytes()
    return "gaps", gaps.astype("<u2").tobytes()


def _indices(sparse: Told, count: object, numbers: _Numbers) -> NDArray[np.uint32]:
    [places] = sparse
    if places not in _PLACES:
        raise ValueError(f"indices of kind {places!r}")
    kind = _PLACES[str(places)]
    found = numbers.next(kind, int(kind[-1]), count)
    if places == "u4":
        return found.astype(np.uint32)
    indices = np.cumsum(found, dtype=np.uint64)
    if indices.size and indices[-1] > _HIGHEST:
        raise ValueError(f"an index of {indices[-1]}")
    return indices.astype(np.uint32)
