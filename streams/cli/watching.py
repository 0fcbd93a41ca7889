"""The progress bars of a run: listings going in, matches coming out."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from streams.cli.console import progress_bar


class RunProgress:
    """Two bars: what was published, and of how many listings the matches are known."""

    def __init__(self, messages: int, listings: int) -> None:
        """Expect so many messages about so many listings."""
        self._progress = progress_bar()
        self._in = self._progress.add_task("listings going in", total=messages, note="starting the worker")
        self._out = self._progress.add_task("matches coming out", total=listings, note="")
        self._listings = listings

    def __enter__(self) -> Self:
        """Show them."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave them as they are, and full after a run to the end: whoever has no match is known by then, too."""
        self._progress.update(self._in, note="")
        self._progress.update(self._out, note="")
        if error is None:
            self._progress.update(self._out, completed=self._listings)
        self._progress.stop()

    def published(self, listings: int) -> None:
        """So many listings have been published."""
        self._progress.update(self._in, completed=listings, note="")

    def told(self, listings: int) -> None:
        """The lists of so many listings are known."""
        self._progress.update(self._out, completed=listings)

    def behind(self, lags: Mapping[str, int]) -> None:
        """How many messages each stage still has to read."""
        behind = ", ".join(f"{stage} {lag}" for stage, lag in lags.items() if lag)
        self._progress.update(self._out, note=f"to do: {behind}" if behind else "")
