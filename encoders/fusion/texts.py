"""Texts on their way to an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from encoders.types import Row


class Once:
    """Encodes each text of a batch once, however many contents have it, and whatever for.

    Args:
        encode: makes a row of each text, None where there is nothing to make one of; None leaves all without.
        rounded: what each row passes.
    """

    def __init__(
        self, encode: Callable[[list[str]], Iterable[Row | None]] | None, rounded: Callable[[Row], Row]
    ) -> None:
        self._encode, self._rounded = encode, rounded
        self._known: dict[str, Row | None] = {}

    def rows(self, texts: Mapping[int, str]) -> dict[int, Row]:
        """The row of each text that has one."""
        if self._encode is None:
            return {}
        new = [text for text in dict.fromkeys(texts.values()) if text not in self._known]
        if new:
            rows = (row if row is None else self._rounded(row) for row in self._encode(new))
            self._known.update(zip(new, rows, strict=True))
        return {i: row for i, text in texts.items() if (row := self._known[text]) is not None}
