"""Photos that somebody names by their address."""

from __future__ import annotations

from streams.errors import ImageFetchError
from streams.images import ImageSource, is_path
from streams.web.search.query import refused


async def photo_at(address: str, images: ImageSource) -> bytes:
    """The bytes of the image file there, fetched as carefully as those of listings.

    Args:
        address: of a page on the web; a path, which sellers may publish, would name files of this machine.
        images: where they come from.

    Raises:
        UploadError: it can't be had.
    """
    address = address.strip()
    if is_path(address):
        raise refused("photo", "a path", "an http or https address", "give the photo's whole address, or upload it")
    try:
        return await images.fetch(address)
    except ImageFetchError as error:
        raise refused(error.subject, error.got, error.wanted, "try another photo, or upload it") from error
