"""How much memory this process takes while something runs."""

from __future__ import annotations

import ctypes
from pathlib import Path
from threading import Event, Thread
from typing import Self

_PAGE = 4096


class Watch:
    """Looks at the memory of this process as long as something runs."""

    def __init__(self) -> None:
        _give_back()
        self.growth = 0
        self._stop, self._before = Event(), resident()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            self.growth = max(self.growth, resident() - self._before)


def _give_back() -> None:
    """Let go of memory that is free, where the C library can: otherwise what was there before hides what is needed."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
