"""The image port: a reference goes in, the file's bytes come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from streams.errors import ImageFetchError


class ImageSource(Protocol):
    """Where the images of listings come from."""

    async def fetch(self, reference: str) -> bytes:
        """The bytes of one image file, not yet decoded.

        Args:
            reference: a URL, or a path relative to the image root.

        Raises:
            ImageFetchError: it can't be had.
            ImageUnavailableError: it can't be had now, and trying again later may help.
        """

    async def fetch_all(self, references: Sequence[str]) -> list[bytes | ImageFetchError]:
        """For each reference, in the order given, the image's bytes or why it can't be had."""
