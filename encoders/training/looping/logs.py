"""Logs that TensorBoard shows while a run is going on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from encoders.training.looping.folder import writing
from encoders.training.looping.standing import Reading, Validation
from encoders.training.looping.task import Progress


class Writer(Protocol):
    """The part of TensorBoard's writer that is used here."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Draw a point."""
        ...

    def flush(self) -> None:
        """Let it be seen."""
        ...

    def close(self) -> None:
        """End the file."""
        ...


class Logs:
    """Draws readings and validations.

    Args:
        folder: of TensorBoard's files.
        writer: None draws nothing.
    """

    def __init__(self, folder: Path, writer: Writer | None) -> None:
        self._folder, self._writer = folder, writer

    def read(self, reading: Reading) -> None:
        """Draw loss, gradient and rates."""
        self._draw({"train/loss": reading.loss, "train/gradient_norm": reading.gradient_norm}, reading.update)
        self._draw({f"rate/{name}": rate for name, rate in reading.rates.items()}, reading.update)

    def validated(self, validation: Validation) -> None:
        """Draw the figures of held-out data."""
        self._draw({f"validation/{name}": value for name, value in validation.figures.items()}, validation.update)

    def flush(self) -> None:
        """Let everything be seen, and found after a crash."""
        if self._writer:
            with writing(self._folder):
                self._writer.flush()

    def close(self) -> None:
        """End the file."""
        if self._writer:
            with writing(self._folder):
                self._writer.close()

    def _draw(self, values: Mapping[str, float], update: int) -> None:
        if self._writer:
            with writing(self._folder):
                for tag, value in values.items():
                    self._writer.add_scalar(tag, value, update)


def tensorboard_writer(folder: Path, purge_step: int) -> Writer:
    """A writer to that folder.

    Args:
        folder: made if it is not there.
        purge_step: what an earlier process drew from that update on is no longer shown.

    Raises:
        ImportError: TensorBoard is not installed.
    """
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra that may be missing

    writer: Writer = SummaryWriter(str(folder), purge_step=purge_step, flush_secs=30)
    return writer


def open_logs(
    folder: Path, done: int, progress: Progress, opened: Callable[[Path, int], Writer] = tensorboard_writer
) -> Logs:
    """Logs that go on after so many updates; without TensorBoard a warning and none."""
    try:
        with writing(folder):
            return Logs(folder, opened(folder, done + 1))
    except ImportError:
        progress.warn("no TensorBoard logs: install matchstream[train] to have them")
        return Logs(folder, None)
