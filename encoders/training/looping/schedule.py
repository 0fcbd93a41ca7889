"""Where in the course an update is, and what follows from it: the learning rate, and whether to validate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, floor, pi
from typing import Generic

from encoders.errors import TrainingError
from encoders.training.looping.course import Course
from encoders.training.looping.task import Batch, Loaded, Task

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Piece(Generic[Batch]):
    """A batch, and which part of which update it is.

    Args:
        epoch: from 0.
        place: of the batch in its epoch, from 0.
        first: place of the update's first batch.
        end: place behind the update's last batch.
        size: batches of the epoch.
        batch: the task's own.
    """

    epoch: int
    place: int
    first: int
    end: int
    size: int
    batch: Batch

    @property
    def closes(self) -> bool:
        """Whether it is the last batch of its update."""
        return self.place + 1 == self.end

    @property
    def parts(self) -> int:
        """Batches of the update."""
        return self.end - self.first

    @property
    def passed(self) -> float:
        """Epochs passed before the batch."""
        return self.epoch + self.place / self.size

    @property
    def before(self) -> float:
        """Epochs passed before the update."""
        return self.epoch + self.first / self.size

    @property
    def after(self) -> float:
        """Epochs passed after the update."""
        return self.epoch + self.end / self.size

    @property
    def next(self) -> tuple[int, int]:
        """Epoch and place of the batch after the update."""
        return (self.epoch, self.end) if self.end < self.size else (self.epoch + 1, 0)


def pieces(task: Task[Batch, Loaded], course: Course, epoch: int, place: int) -> Iterator[Piece[Batch]]:
    """Every batch from that place of that epoch to the end of the course.

    Raises:
        TrainingError: an epoch without batches.
    """
    for number in range(epoch, course.epochs):
        batches = batches_of(task, number)
        size = len(batches)
        for current in range(place if number == epoch else 0, size):
            first = current - current % course.accumulate
            end = min(first + course.accumulate, size)
            yield Piece(number, current, first, end, size, batches[current])


def batches_of(task: Task[Batch, Loaded], epoch: int) -> Sequence[Batch]:
    """The batches of an epoch.

    Raises:
        TrainingError: there are none.
    """
    batches = task.batches(epoch)
    if not len(batches):
        remedy = "give more labelled listings, or make batches smaller"
        raise TrainingError(f"epoch {epoch + 1}", "no batches", "at least one", remedy)
    return batches


def rate_factor(progress: float, warm_up: float) -> float:
    """Share of the highest rate: a straight rise over the share `warm_up` of the course, then half a cosine to 0.

    Source: Loshchilov and Hutter, SGDR, equation 5, without restarts.
    """
    if progress < warm_up:
        return progress / warm_up
    return (1 + cos(pi * (progress - warm_up) / (1 - warm_up))) / 2


def is_due(piece: Piece[Batch], course: Course) -> bool:
    """Whether the held-out data are looked at after the piece's update: at the end of the course, too."""
    before, after = (floor(passed * course.validations + _ROUNDING) for passed in (piece.before, piece.after))
    return after > before or piece.after >= course.epochs
