"""Losses and gradient norms on their way from the device into the record."""

from __future__ import annotations

from math import isfinite
from statistics import fmean

import torch
from torch import Tensor

from encoders.errors import TrainingError
from encoders.training.looping.course import Course
from encoders.training.looping.standing import Reading, Standing

_READINGS = 400
_APART = 50


class Meter:
    """Fetches losses seldom, as each fetch waits for the device, and refuses those that are not finite.

    Args:
        standing: of the run; its updates are counted elsewhere.
        every: updates that a reading covers.
    """

    def __init__(self, standing: Standing, every: int) -> None:
        self._standing, self._every = standing, every
        self._batches: list[Tensor] = []
        self._waiting: list[Tensor] = []

    def add(self, loss: Tensor) -> None:
        """Take in the loss of a batch."""
        self._batches.append(loss.detach().float())

    def close(self, norm: Tensor) -> None:
        """Take in the gradient's norm of an update that is done and counted."""
        self._waiting.append(torch.stack([torch.stack(self._batches).mean(), norm.detach().float()]))
        self._batches.clear()

    @property
    def is_full(self) -> bool:
        """Whether a reading is due."""
        return self._standing.updates % self._every == 0

    def settle(self) -> None:
        """Fetch what waits on the device. Weights are fit to be kept only after this.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        if not self._waiting:
            return
        fetched = torch.stack(self._waiting).tolist()
        self._waiting.clear()
        for number, (loss, norm) in enumerate(fetched, start=self._standing.updates - len(fetched) + 1):
            if not (isfinite(loss) and isfinite(norm)):
                got = f"loss {loss:.4g}, gradient norm {norm:.4g}"
                remedy = "lower the learning rate or compute in fp32, and begin anew with --restart"
                raise TrainingError(f"update {number}", got, "finite numbers", remedy)
            self._standing.recent.append((loss, norm))

    def reading(self, epoch: float, rates: dict[str, float]) -> Reading:
        """Means over the updates since the last reading.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        self.settle()
        losses, norms = zip(*self._standing.recent, strict=True)
        self._standing.recent.clear()
        return Reading(self._standing.updates, epoch, fmean(losses), fmean(norms), rates)


def updates_apart(course: Course, size: int) -> int:
    """Updates from one reading to the next, in a course of epochs of so many batches."""
    updates = course.epochs * -(-size // course.accumulate)
    return min(max(updates // _READINGS, 1), _APART)
