"""Pictures made to cost much: small files that ask their reader for time or memory."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    """An image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def tiff_with_tiles(side: int, tile: int) -> bytes:
    """A TIFF of one tile that may be much larger than the picture."""
    content = zlib.compress(bytes(1000))
    tags = {256: side, 257: side, 258: 8, 259: 8, 262: 1, 277: 1, 322: tile, 323: tile, 324: 0, 325: len(content)}
    tags[324] = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\x00" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + content


def jpeg_with_scans(more: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last scan is there so many times more; each draws all of the picture."""
    data = saved(Image.new("L", (side, side)), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xd9")
    scan = data[data.rindex(b"\xff\xc4", 0, data.rindex(b"\xff\xda")) : end]
    return data[:end] + scan * more + data[end:]


def jpeg_with_notes(notes: int) -> bytes:
    """A JPEG with so many camera notes of one byte."""
    data = saved(Image.new("L", (8, 8)), "JPEG")
    return data[:2] + b"\xff\xe1\x00\x09Exif\x00\x00x" * notes + data[2:]


def notes_that_overlap(entries: int, size: int) -> bytes:
    """Camera notes whose entries all claim the same bytes, so many times their own size in all."""
    start = 8 + 2 + 12 * entries + 4
    claims = b"".join(struct.pack("<HHII", number + 1, 7, size, start) for number in range(entries))
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", entries) + claims + bytes(4 + size)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that promises so many pixels and holds what is given."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")


def png_with_texts(texts: int, *, packed_bytes: int) -> bytes:
    """A PNG with packed texts that are large when they are unpacked."""
    text = png_chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(b"0" * packed_bytes))
    plain = saved(Image.new("RGB", (8, 8)), "PNG")
    return plain[:33] + text * texts + plain[33:]


def webp_with_canvas(side: int) -> bytes:
    """An animation of 8 x 8 pixels that says its canvas is so large."""
    frames = [Image.new("RGBA", (8, 8), color) for color in ("green", "red")]
    data = bytearray(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    data[24:30] = (side - 1).to_bytes(3, "little") * 2
    return bytes(data)


def gif_of_no_size() -> bytes:
    """A GIF whose screen and frame are of 0 x 0 pixels."""
    data = bytearray(saved(Image.new("L", (8, 8)), "GIF"))
    frame = data.index(b",", 13 + 3 * 2 ** ((data[10] & 7) + 1))
    data[6:10] = data[frame + 5 : frame + 9] = bytes(4)
    return bytes(data)


def jpeg_of_no_size() -> bytes:
    """A JPEG of 0 x 0 pixels."""
    data = bytearray(saved(Image.new("L", (8, 8)), "JPEG"))
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = bytes(4)
    return bytes(data)
