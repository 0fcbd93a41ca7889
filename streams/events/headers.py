"""The headers of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Self

__all__ = ["HEADER", "Headers", "read_told", "told_headers"]

HEADER: Final = "matchstream."
"""Beginning of the names of headers that are ours, not the sender's."""

_REVISION: Final = f"{HEADER}revision"
_GENERATION: Final = f"{HEADER}generation"
_LONGEST_REVISION: Final = 18
"""Digits: what an index can hold as a number."""


class Headers(Mapping[str, bytes | None]):
    """Headers as they came: in order, names may repeat, a value may be none.

    As a mapping, the last of a name counts, as with Kafka's own clients; `pairs` are all of them.
    """

    __slots__ = ("_last", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, bytes | None]] = ()) -> None:
        """Keep them."""
        self.pairs = tuple(pairs)
        self._last = dict(self.pairs)

    @classmethod
    def of(cls, headers: Mapping[str, bytes | None]) -> Self:
        """The same headers, all of them where they are such already."""
        return headers if isinstance(headers, cls) else cls(headers.items())

    def __getitem__(self, name: str) -> bytes | None:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __eq__(self, other: object) -> bool:
        """With all pairs to another one, as a mapping to any other mapping."""
        return self.pairs == other.pairs if isinstance(other, Headers) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self.pairs)!r})"


def told_headers(revision: int, generation: str) -> Mapping[str, bytes]:
    """Those of a tombstone on a topic that subscribers hear: its value is empty, and cannot say which news it is."""
    return {_REVISION: str(revision).encode(), _GENERATION: generation.encode()}


def read_told(headers: Mapping[str, bytes | None]) -> tuple[int, str]:
    """Back from `told_headers`: revision and generation; 0 and nothing where there are none or they are not ours."""
    revision, generation = headers.get(_REVISION) or b"", headers.get(_GENERATION) or b""
    if not revision.isdigit() or len(revision) > _LONGEST_REVISION:
        return 0, ""
    try:
        return int(revision), generation.decode()
    except UnicodeDecodeError:
        return 0, ""
