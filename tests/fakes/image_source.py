"""An image source without files and servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.errors import ImageFetchError, ImageUnavailableError


class FakeImages:
    """Image bytes are the reference itself; one that starts with `missing` can't be had, a `troubled` one not now."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.missing = "missing"
        self.troubled: Callable[[str], bool] = lambda _reference: False

    async def fetch_all(self, references: Sequence[str]) -> list[bytes | ImageFetchError]:
        self.fetched += references
        return [self._one(reference) for reference in references]

    def _one(self, reference: str) -> bytes | ImageFetchError:
        if reference.startswith(self.missing):
            return ImageFetchError(f"image '{reference}'", got="404", wanted="200", remedy="mend the link")
        if self.troubled(reference):
            return ImageUnavailableError(f"image '{reference}'", got="503", wanted="200", remedy="try again")
        return reference.encode()
