"""How generations are shown: who they are, and how far one of them is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.progress import Progress, TaskID
from rich.table import Table

from encoders.bundle.card import duration_in_words
from streams.cli.console import printable, table
from streams.events.generations import Generation, Live, Roster, Step
from streams.reindex.progress import Look, time_left_s

__all__ = ["Bar", "generations", "progress_in_words", "promotion_in_words", "readings", "to_json"]

_WORKER = "matchstream worker --generation"


def generations(roster: Roster) -> Table:
    """Every generation, what it is, and how it was begun."""
    rows = table("generation", "is", "bundle", "settings", "filled from", "begun")
    for one in sorted(roster.generations.values(), key=lambda one: one.begun_at):
        settings = ", ".join(f"{name}={value}" for name, value in one.settings.items())
        rows.add_row(
            one.name,
            standing(roster.live, one.name),
            printable(one.bundle),
            settings or "-",
            _source(one),
            one.begun_at,
        )
    return rows


def standing(live: Live | None, name: str) -> str:
    """What a generation is beside the others, in a word."""
    if live is None:
        return "beside"
    if live.generation == name:
        return "live"
    if live.coming == name:
        return "coming"
    return "previous" if live.previous == name else "beside"


def promotion_in_words(live: Live | None) -> str:
    """What to do about a promotion that was cut off; empty where there is none."""
    if live is None or live.step is Step.SETTLED:
        return ""
    return (
        f"The promotion of '{live.target}' is not finished (step '{live.step}')."
        f" If nobody runs it any more: matchstream reindex promote {live.target}"
    )


def readings(look: Look) -> Table:
    """How far each reader is behind, and how many workers it has."""
    rows = table("stage", "reads", "behind", "workers")
    for one in look.readings:
        rows.add_row(one.reader, one.topic, str(one.behind), str(one.workers))
    return rows


def progress_in_words(name: str, look: Look, per_second: float) -> str:
    """How much of a generation is there, and when it will be done."""
    done = f"'{name}' has {look.done:,} of {look.total:,} messages of '{look.source}' in its index ({look.share:.0%})"
    if look.done >= look.total:
        return f"{done}; {look.behind} messages are on their way through its stages."
    return f"{done}, {_pace(look, per_second)}."


def to_json(roster: Roster, name: str, look: Look | None, per_second: float) -> dict[str, Any]:
    """All of it as one document."""
    filled = None
    if look is not None:
        filled = {
            "name": name,
            "source": look.source,
            "done": look.done,
            "total": look.total,
            "share": round(look.share, 4),
            "per_second": round(per_second, 2),
            "time_left_s": time_left_s(look, per_second),
            "behind": look.behind,
            "readers": [asdict(one) for one in look.readings],
        }
    ordered = sorted(roster.generations.values(), key=lambda one: one.begun_at)
    return {
        "live": asdict(roster.live) if roster.live else None,
        "generations": [{"is": standing(roster.live, one.name), **_as_json(one)} for one in ordered],
        "filling": filled,
    }


class Bar:
    """A progress bar of a generation that is being filled."""

    def __init__(self, progress: Progress, name: str) -> None:
        """Show nothing yet."""
        self._progress, self._name = progress, name
        self._task: TaskID | None = None

    def show(self, look: Look, per_second: float) -> None:
        """Show how far it is."""
        if self._task is None:
            self._task = self._progress.add_task(f"filling '{self._name}'", total=look.total, note="")
        behind = ", ".join(f"{one.reader} {one.behind}" for one in look.readings if one.behind)
        note = f"{_pace(look, per_second)}; behind: {behind}" if behind else "nothing is behind"
        self._progress.update(self._task, completed=look.done, total=look.total, note=note)


def _pace(look: Look, per_second: float) -> str:
    left = time_left_s(look, per_second)
    if left is None:
        return f"nothing gets on: no worker runs {', '.join(look.idle)}" if look.idle else "nothing gets on just now"
    return f"{per_second:,.0f} a second, {duration_in_words(left)} left"


def _source(generation: Generation) -> str:
    return f"embeddings of {generation.origin}" if generation.origin else "listings"


def _as_json(generation: Generation) -> dict[str, Any]:
    return {**asdict(generation), "bounds": {str(number): end for number, end in generation.bounds.items()}}
