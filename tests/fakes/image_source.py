"""An image source without files and servers."""

from __future__ import annotations

from collections.abc import Sequence

from streams.errors import ImageFetchError


class FakeImages:
    """Image bytes are the reference itself; a reference that starts with `missing` can't be had."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.missing = "missing"

    async def fetch_all(self, references: Sequence[str]) -> list[bytes | ImageFetchError]:
        self.fetched += references
        return [self._one(reference) for reference in references]

    def _one(self, reference: str) -> bytes | ImageFetchError:
        if reference.startswith(self.missing):
            return ImageFetchError(f"image '{reference}'", got="404", wanted="200", remedy="mend the link")
        return reference.encode()
