"""How many may be at something costly at a time: a queue that grows without an end is a way to stop a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streams.errors import BusyError


class Turns:
    """Room for so many, the one whose turn it is and those who wait.

    Args:
        what: there are too many of.
        most: at a time.
    """

    def __init__(self, what: str, most: int) -> None:
        self._what, self._most = what, most
        self._inside = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have a place meanwhile; to be used in one event loop.

        Raises:
            BusyError: there is none.
        """
        if self._inside >= self._most:
            raise BusyError(
                self._what, got=f"{self._inside} at a time", wanted=f"at most {self._most}", remedy="ask again soon"
            )
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
