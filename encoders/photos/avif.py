"""What an AVIF file says twice: its pixels, which a small box states and the coded frames have in fact.

Pillow believes the box, and decodes frames of any size to shrink them to what it says. So the frames' own
heads are read here, before anything is decoded.

Sources: ISO/IEC 14496-12 (boxes, item locations); AV1 Bitstream & Decoding Process, 5.3 to 5.5 (OBUs).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from encoders.errors import ImageError

__all__ = ["check_frames"]

_BRANDS: Final = (b"avif", b"avis", b"mif1", b"msf1", b"miaf")
_HOLD_BOXES: Final = {b"meta": 4, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0}
"""Boxes made of boxes, and how many bytes stand before those."""
_OFFSETS: Final = {b"stco": ">I", b"co64": ">Q"}
_STEPS: Final = 100_000
"""Boxes, items and units that are looked at; a photo has about thirty."""
_AT_ONCE: Final = 3
"""A picture, its transparency and a small copy may be as large as a picture each."""
_SEQUENCE_HEADER: Final = 1
_MORE: Final = 0x80
"""Set in each byte of a number but the last."""


def check_frames(data: bytes, max_pixels: int) -> None:
    """Look at how large the coded frames of an AVIF file are; other files pass, and so does what can't be followed.

    Raises:
        ImageError: one is larger than a picture may be, or all are together.
    """
    if data[4:8] != b"ftyp" or data[8:12] not in _BRANDS:
        return
    total, effort = 0, _Effort(len(data))
    for stream in _streams(memoryview(data), effort):
        width, height = max(_frames(stream, effort), default=(0, 0), key=lambda size: size[0] * size[1])
        total += width * height
        if width * height > max_pixels or total > _AT_ONCE * max_pixels:
            got = f"coded frames of {width} x {height} pixels"
            raise ImageError(f"image: {got}, {max_pixels} pixels at most wanted; publish a smaller one")


class _Effort:
    """What may be spent on one file, so that none costs more than its size is worth."""

    def __init__(self, size: int) -> None:
        self._steps, self._bytes = _STEPS, size

    def spend(self, size: int = 0) -> None:
        self._steps -= 1
        self._bytes -= size
        if min(self._steps, self._bytes) < 0:
            raise ImageError("image: more parts than a picture has, an AVIF file wanted; save it anew")


def _streams(data: memoryview, effort: _Effort) -> Iterator[memoryview]:
    """The coded items of the file, and each track from its first frame on: all that is coded may be decoded."""
    boxes: dict[bytes, list[int]] = {}
    for kind, start in _boxes(data, 0, len(data), effort):
        boxes.setdefault(kind, []).append(start)
    idat = boxes.get(b"idat", [len(data)])[0]
    for start in boxes.get(b"iloc", []):
        yield from _items(data, start, idat, effort)
    for kind, format_ in _OFFSETS.items():
        for start in boxes.get(kind, []):
            if len(first := data[start + 8 : start + 8 + struct.calcsize(format_)]) == struct.calcsize(format_):
                yield data[struct.unpack(format_, first)[0] :]


def _boxes(data: memoryview, at: int, end: int, effort: _Effort) -> Iterator[tuple[bytes, int]]:
    """Kind of each box, and where its content begins; what lies in a box comes after it."""
    while at + 8 <= end:
        effort.spend()
        size, kind, start = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), at + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8]), start + 8
        after = min(end, at + size if size else end)
        if after < start:
            return
        yield kind, start
        if kind in _HOLD_BOXES:
            yield from _boxes(data, start + _HOLD_BOXES[kind], after, effort)
        at = after


def _items(data: memoryview, start: int, idat: int, effort: _Effort) -> Iterator[memoryview]:
    """The content of each item that a box of item locations tells of."""
    fields = _Bits(data, start)
    version, _ = fields.take(8), fields.take(24)
    sizes = [8 * fields.take(4) for _ in range(4)]
    offset_bits, length_bits, base_bits, index_bits = sizes if version else [*sizes[:3], 0]
    id_bits = 32 if version > 1 else 16
    for _ in range(fields.take(id_bits)):
        effort.spend()
        fields.take(id_bits)
        from_idat = version > 0 and fields.take(16) & 15 == 1
        fields.take(16)
        base = fields.take(base_bits) + (idat if from_idat else 0)
        parts = []
        for _ in range(fields.take(16)):
            fields.take(index_bits)
            begin, length = base + fields.take(offset_bits), fields.take(length_bits)
            parts.append(data[begin : begin + length] if length else data[begin:])
            effort.spend(len(parts[-1]))
        yield memoryview(b"".join(parts))


def _frames(stream: memoryview, effort: _Effort) -> Iterator[tuple[int, int]]:
    """Width and height of the frames that each sequence header of an AV1 stream allows."""
    at = 0
    while at < len(stream):
        effort.spend()
        head = stream[at]
        at += 2 if head & 4 else 1
        size = len(stream) - at
        if head & 2:
            size, at = _leb128(stream, at)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield _frame_size(_Bits(stream, at))
        at += size


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(data[at : at + 8]):
        number |= (byte & ~_MORE) << 7 * place
        if not byte & _MORE:
            return number, at + place + 1
    return len(data), at


def _frame_size(bits: _Bits) -> tuple[int, int]:
    bits.take(4)  # profile, still picture
    if bits.take(1):
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.take(1):  # timing information
        bits.take(64)
        if bits.take(1):
            bits.skip_uvlc()
        if bits.take(1):  # of a decoder model
            delay_bits = bits.take(5) + 1
            bits.take(42)
    delays_told = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # noqa: PLR2004 - levels that come in two tiers
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if delays_told and bits.take(1):
            bits.take(4)


class _Bits:
    """Numbers out of a row of bits; beyond its end there are zeros."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data, self._at = data, 8 * at

    def take(self, count: int) -> int:
        first, last = self._at // 8, (self._at + count + 7) // 8
        chunk = int.from_bytes(bytes(self._data[first:last]).ljust(last - first, b"\0"))
        self._at += count
        return chunk >> (8 * last - self._at) & (1 << count) - 1

    def skip_uvlc(self) -> None:
        zeros = 0
        while zeros < 32 and not self.take(1):  # noqa: PLR2004 - longer ones stand for nothing
            zeros += 1
        self.take(zeros)
