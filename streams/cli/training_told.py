"""What `matchstream train` tells while it works, and at its end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path

from rich.progress import Progress as Bars

from encoders.bundle import Bundle
from encoders.bundle.card import duration_in_words
from encoders.training.data import Examples
from encoders.training.looping import Outcome, Progress
from encoders.training.order import Order, Trained
from encoders.types import Modality
from streams.cli.console import counted, out, printable, table, warn
from streams.cli.labelled_files import telling_on
from streams.cli.training_order import Wish

_WARNINGS = 5


class FewWarnings:
    """Tells the first warnings of many that are alike, and then how many more there were.

    Args:
        warn: told them.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._count = 0

    def warn(self, message: str) -> None:
        """Tell it, if there were few before."""
        self._count += 1
        if self._count <= _WARNINGS:
            self._warn(message)

    def tell_how_many_more(self) -> None:
        """Once no more of them come."""
        if self._count > _WARNINGS:
            self._warn(f"and {counted(self._count - _WARNINGS, 'warning')} like these")


def progress_on(bars: Bars) -> Progress:
    """The loop's progress as bars; what it notes stands beside the bar that began last."""

    def note(text: str) -> None:
        if bars.tasks:
            bars.update(bars.tasks[-1].id, note=text)

    return Progress(telling_on(bars).steps, note, warn)


def tell(wish: Wish, order: Order, bundle: Bundle, trained: Trained) -> None:
    """Say what came of it, and what to do next."""
    _tell_figures(trained)
    sides = (trained.split.training, trained.split.held_out)
    learned, measured = (f"{counted(len(some), 'listing')} of {counted(some.products, 'product')}" for some in sides)
    took = duration_in_words(sum(one.seconds for one in trained.outcomes.values()))
    out.print(f"trained on {learned}, measured on {measured}, in {took}")
    for modality, outcome in trained.outcomes.items():
        out.print(f"{modality}: {'; '.join(_course_of(outcome, order.course_of(modality).epochs))}")
    place = f"wrote bundle '{bundle.name}' to {bundle.path}"
    out.print(printable(f"{place}; logs: tensorboard --logdir {_quoted(wish.run)}"))
    out.print(printable(f"Next, on other products: {_next(wish, trained.examples)}"))


def _tell_figures(trained: Trained) -> None:
    shown = table("", "figure on held-out products", "before", "after")
    for modality, outcome in trained.outcomes.items():
        for name, value in outcome.best.figures.items():
            shown.add_row(modality, name, f"{outcome.untrained.figures.get(name, nan):.3f}", f"{value:.3f}")
    out.print(shown)


def _course_of(outcome: Outcome, epochs: int) -> Iterator[str]:
    best = outcome.best.epoch
    yield f"best after {best:.3g} of {counted(epochs, 'epoch')}" if best else "never better than before training"
    if outcome.finish == "patience":
        yield f"stopped after {outcome.validations[-1].epoch:.3g}, since none after the best was better (--patience)"


def _next(wish: Wish, examples: Examples) -> str:
    label = wish.label or "FIELD"
    photos = "--images FOLDER " if any(one.image or Modality.IMAGE in one.rows for one in examples.all) else ""
    return f"matchstream fit OTHERS.jsonl --base {_quoted(wish.output)} --label {shlex.quote(label)} {photos}-o BUNDLE"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
