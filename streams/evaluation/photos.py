"""Photos of listings, small enough to be put into a page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO

from encoders.errors import ImageError
from encoders.photos import decode_image
from streams.errors import ImageFetchError
from streams.images import ImageSource

_PIXELS = 200
_QUALITY = 72


async def thumbnails(references: Iterable[str], images: ImageSource, max_pixels: int) -> dict[str, str]:
    """Images by reference as data URIs of small JPEGs; what can't be had or decoded is left out.

    Args:
        references: paths or addresses; empty ones are skipped.
        images: where they come from.
        max_pixels: of a picture; a larger one is not decoded.
    """
    wanted = list(dict.fromkeys(one for one in references if one))
    fetched = await images.fetch_all(wanted) if wanted else []
    found = {}
    for reference, data in zip(wanted, fetched, strict=True):
        if not isinstance(data, ImageFetchError) and (small := _small(data, max_pixels)) is not None:
            found[reference] = data_uri("image/jpeg", small)
    return found


def data_uri(kind: str, data: bytes) -> str:
    """A file as an address that holds it."""
    return f"data:{kind};base64,{b64encode(data).decode()}"


def _small(data: bytes, max_pixels: int) -> bytes | None:
    try:
        image = decode_image(data, max_pixels)
    except ImageError:
        return None
    image.thumbnail((_PIXELS, _PIXELS))
    buffer = BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()
