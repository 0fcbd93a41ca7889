"""The headers of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

__all__ = ["Headers"]


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
