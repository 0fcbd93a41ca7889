"""What of a run outlives its process: how it stands, its checkpoint, its logs and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

import torch
from torch import nn

from encoders.training.looping.checkpoints import Checkpoints
from encoders.training.looping.course import Course
from encoders.training.looping.curves import curves
from encoders.training.looping.folder import RunFolder, replacing
from encoders.training.looping.logs import Logs, open_logs
from encoders.training.looping.precision import resolved
from encoders.training.looping.reports import Outcome, device_name, outcome_of, peak_memory, write_metrics
from encoders.training.looping.standing import Peak, Reading, Standing, Validation
from encoders.training.looping.task import Progress
from encoders.training.looping.updating import Updates, restore, stored


class Keeper:
    """Keeps a run's folder up to date.

    Args:
        folder: of the run, held by this process.
        course: of the run.
        device: that it runs on.

    Raises:
        TrainingError: the folder has a checkpoint that this run can't go on from.
    """

    def __init__(self, folder: RunFolder, course: Course, device: torch.device) -> None:
        self.device = device
        self._folder, self._course = folder, course
        self._plan = {**folder.plan, **{f"course.{name}": value for name, value in course.deciding.items()}}
        self._checkpoints = Checkpoints(folder.checkpoint, self._plan)
        found = self._checkpoints.read()
        self.is_new, self.standing = found is None, found or Standing()
        self._begun = monotonic() - self.standing.seconds
        self._saved = monotonic()
        self._logs = Logs(folder.logs, None)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    def open_logs(self, progress: Progress) -> None:
        """Go on with the logs after the updates that are done."""
        self._logs = open_logs(self._folder.logs, self.standing.updates, progress)

    def close_logs(self) -> None:
        """End the logs' file."""
        self._logs.close()

    def resume(self, updates: Updates) -> None:
        """Give network and optimiser what they had.

        Raises:
            TrainingError: the checkpoint is damaged or of another network.
        """
        tensors = self._checkpoints.current()
        try:
            updates.restore(tensors)
        except (KeyError, RuntimeError) as error:
            raise self._checkpoints.damaged("tensors of another network") from error

    def restore_best(self, network: nn.Module) -> None:
        """Give the network the best weights.

        Raises:
            TrainingError: the checkpoint is damaged or of another network.
        """
        try:
            restore(network, self._checkpoints.best())
        except RuntimeError as error:
            raise self._checkpoints.damaged("tensors of another network") from error

    def read(self, reading: Reading) -> None:
        """Take in what updates gave."""
        self.standing.readings.append(reading)
        self._logs.read(reading)

    def validated(self, epoch: float, figures: Mapping[str, float]) -> bool:
        """Take in what a validation gave; True if no earlier one is as good."""
        validation = Validation(self.standing.updates, epoch, dict(figures), self._seconds())
        self._logs.validated(validation)
        return self.standing.judge(validation)

    @property
    def is_time(self) -> bool:
        """Whether the last checkpoint is as old as it may become."""
        return monotonic() - self._saved >= self._course.checkpoint_s

    def save(self, updates: Updates, best: nn.Module | None = None) -> None:
        """Write a checkpoint.

        Args:
            updates: to go on with.
            best: the network if it is better than any before.

        Raises:
            TrainingError: the disk is full; the checkpoint before is still there.
        """
        self._measure()
        self._logs.flush()
        current = updates.tensors() if self.standing.finish is None else None
        self._checkpoints.write(self.standing, current, stored(best) if best is not None else None)
        self._saved = monotonic()

    def report(self) -> None:
        """Write figures.

        Raises:
            TrainingError: the disk is full.
        """
        write_metrics(self._folder, self._plan, self.standing, self._made_on())

    def draw(self) -> None:
        """Write curves, if there are any and they are wanted.

        Raises:
            TrainingError: the disk is full.
        """
        if not self._folder.draws or not self.standing.validations:
            return
        with replacing(self._folder.curves) as temporary:
            temporary.write_bytes(curves(self.standing))

    def outcome(self) -> Outcome:
        """What a run that is over has come to."""
        return outcome_of(self.standing, self._made_on())

    def _made_on(self) -> dict[str, str]:
        return {"device": device_name(self.device), "precision": resolved(self._course.precision, self.device)}

    def _seconds(self) -> float:
        return monotonic() - self._begun

    def _measure(self) -> None:
        now, before = peak_memory(self.device), self.standing.peak
        self.standing.peak = Peak(max(now.process, before.process), max(now.device, before.device))
        self.standing.seconds = self._seconds()
