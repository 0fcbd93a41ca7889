"""`matchstream reindex promote` and `rollback`: another generation becomes the live one."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.status import Status

from streams.cli.console import err, out
from streams.events.generations import Live
from streams.reindex.promotion import LAG, Conditions, promote, rollback
from streams.settings import load_settings


def promote_generation(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The generation that subscribers are to hear.")],
    most_change: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="Refuse if a larger share of the pairs would change.")
    ] = 0.1,
    yes: Annotated[bool, typer.Option("--yes", help="However many pairs would change.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    lag: Annotated[int, typer.Option(min=0, help="Refuse if its stages are further behind, together.")] = LAG,
    backup: Annotated[bool, typer.Option("--backup/--no-backup", help="Copy the live index before.")] = True,  # noqa: FBT002 - likewise
) -> None:
    """Make a generation the live one: subscribers are told what it sees otherwise, and nothing else.

    Its workers have to run, and go on running afterwards. Whatever interrupts this, run it again: it goes on
    where it was. Meanwhile listings are matched as ever; for a few seconds nothing is told, and then all of it.
    """
    conditions = Conditions(None if yes else most_change, lag, backup)
    with _Progress() as progress:
        live = asyncio.run(promote(load_settings(), name, conditions, progress.say))
    _report(live)


def roll_back() -> None:
    """Make the generation live again that was live before, as long as it is kept and its workers run."""
    with _Progress() as progress:
        live = asyncio.run(rollback(load_settings(), progress.say))
    _report(live)


class _Progress:
    """Each step on a line of its own; what is waited for, behind a spinner."""

    def __init__(self) -> None:
        self._status = Status("", console=err)
        self._said: str | None = None

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._status.stop()

    def say(self, words: str) -> None:
        if words == self._said:
            return
        self._said = words
        self._status.update(words)
        err.print(words)


def _report(live: Live) -> None:
    out.print(f"generation '{live.generation}' is live")
    if live.previous:
        out.print(
            f"Next: its workers and those of '{live.previous}' go on running while you watch it; 'matchstream reindex"
            f" rollback' returns to '{live.previous}', 'matchstream reindex drop {live.previous}' gives up on it."
        )
        out.print(
            f"Before a worker is started again without --generation, set MATCHSTREAM_GENERATION={live.generation}."
        )
