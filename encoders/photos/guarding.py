"""What is looked at before a picture is decoded: files small themselves that would cost much time or memory.

Pillow knows a picture's pixels from its first bytes. It does not know how often a JPEG draws them, nor how
large the tiles of a TIFF are that need not be larger than its picture.
"""

from __future__ import annotations

import re

from PIL import Image

from encoders.errors import ImageError

MAX_SCANS = 100
"""Of one JPEG. A progressive photo has about ten; each looks at every pixel, and an empty one has 80 bytes."""
MAX_SEGMENTS = 5_000
"""Of one JPEG; of the largest segments that is 300 MB."""
MAX_TILE_PIXELS = 2**20
"""Of one tile of a TIFF, also where the picture itself may not have as many."""

_JPEG = b"\xff\xd8"
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]")
"""Of a segment, or of the end; the others stand alone, within the data of a scan for instance."""
_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_TILE_WIDTH, _TILE_LENGTH = 322, 323


def check_segments(data: bytes) -> None:
    """Count what a JPEG is made of; what lies behind its end does not count. Other files pass.

    Raises:
        ImageError: it has more scans or segments than any photo.
    """
    if not data.startswith(_JPEG):
        return
    scans = segments = place = 0
    while (found := _MARKER.search(data, place)) and found[0] != _END:
        segments += 1
        scans += found[0] == _START_OF_SCAN
        if scans > MAX_SCANS or segments > MAX_SEGMENTS:
            got, wanted = ("scans", MAX_SCANS) if scans > MAX_SCANS else ("segments", MAX_SEGMENTS)
            raise ImageError(f"image: a JPEG of more than {wanted} {got}, at most that wanted; save it anew")
        place = found.end() + int.from_bytes(data[found.end() : found.end() + 2])


def check_tiles(image: Image.Image, max_pixels: int) -> None:
    """Check the tiles of a TIFF that is open; its reader makes room for a whole one. Other pictures pass.

    Raises:
        ImageError: they are larger than a picture may be.
    """
    tags = getattr(image, "tag_v2", {})
    sides = (tags.get(_TILE_WIDTH), tags.get(_TILE_LENGTH))
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    most = max(max_pixels, MAX_TILE_PIXELS)
    if width * height > most:
        got = f"tiles of {width} x {height} pixels"
        raise ImageError(f"image: {got}, {most} pixels at most wanted; save it with smaller ones")
