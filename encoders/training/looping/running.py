"""The one training loop: from a task and a course to the best weights, across interruptions."""

from __future__ import annotations

from contextlib import closing, suppress
from math import isfinite
from typing import Generic

import torch

from encoders.errors import TrainingError, TrainingStoppedError
from encoders.training.looping.course import Course
from encoders.training.looping.folder import RunFolder
from encoders.training.looping.interruption import Interruption, interruptible
from encoders.training.looping.keeping import Keeper
from encoders.training.looping.metering import Meter, updates_apart
from encoders.training.looping.precision import autocast
from encoders.training.looping.prefetch import prefetched
from encoders.training.looping.reports import Outcome
from encoders.training.looping.schedule import Piece, batches_of, is_due, pieces
from encoders.training.looping.seeds import seed_of
from encoders.training.looping.task import Advance, Batch, Loaded, Progress, Task
from encoders.training.looping.updating import Updates


def run(
    task: Task[Batch, Loaded],
    course: Course,
    folder: RunFolder,
    device: torch.device,
    progress: Progress | None = None,
) -> Outcome:
    """Train the task's network, or go on where an earlier run with this folder was interrupted.

    A run that was over already only restores its weights. On a CPU, with the same number of threads, an
    interrupted run ends with the same weights, bit by bit, as an undisturbed one.

    Args:
        task: what to train; its network ends with the best weights, on the device, in evaluation mode.
        course: how.
        folder: of checkpoints, logs and figures.
        device: to train on.
        progress: told how it goes.

    Raises:
        TrainingError: there is nothing to train on, the loss is not finite, the folder is of another plan, in use,
            or can't be written.
        TrainingStoppedError: Ctrl-C; the same command goes on.
    """
    devices = [device] if device.type == "cuda" else []
    with folder.held(), torch.random.fork_rng(devices), interruptible() as interruption:
        return _Run(task, course, Keeper(folder, course, device), progress or Progress()).complete(interruption)


class _Run(Generic[Batch, Loaded]):
    """One process's share of a run."""

    def __init__(self, task: Task[Batch, Loaded], course: Course, keeper: Keeper, progress: Progress) -> None:
        self._task, self._course, self._keeper, self._progress = task, course, keeper, progress
        self._standing = keeper.standing
        self._size = len(batches_of(task, 0))
        task.network.to(keeper.device)
        self._updates = Updates(task.network, task.groups(), course)
        self._meter = Meter(keeper.standing, updates_apart(course, self._size))

    def complete(self, interruption: Interruption) -> Outcome:
        if self._standing.finish is None:
            self._train(interruption)
        self._keeper.restore_best(self._task.network)
        self._task.network.eval()
        if self._standing.best and not self._standing.best.update:
            self._progress.warn("no validation was better than the one before training: the weights are as they were")
        return self._keeper.outcome()

    def _train(self, interruption: Interruption) -> None:
        try:
            self._keeper.open_logs(self._progress)
            advance = self._progress.stage("training", self._course.epochs * self._size)
            self._begin()
            self._learn(interruption, advance)
        except TrainingError:
            with suppress(TrainingError):  # what stopped the training matters more
                self._keeper.report()
                self._keeper.draw()
            raise
        finally:
            self._keeper.close_logs()
        self._keeper.draw()

    def _begin(self) -> None:
        if self._keeper.is_new:
            self._validate(0.0)
        else:
            self._keeper.resume(self._updates)
            self._progress.note(f"going on after update {self._standing.updates}")

    def _learn(self, interruption: Interruption, advance: Advance) -> None:
        course, standing = self._course, self._standing
        advance(standing.epoch * self._size + standing.place)
        coming = pieces(self._task, course, standing.epoch, standing.place)
        self._task.network.train()
        with closing(prefetched(self._load, coming, course.ahead)) as ready:
            for piece, loaded in ready:
                self._backward(piece, loaded)
                advance(1)
                if piece.closes:
                    self._update(piece)
                    self._look_up(piece, interruption)
                if standing.finish:
                    return

    def _load(self, piece: Piece[Batch]) -> Loaded:
        return self._task.load(piece.batch)

    def _backward(self, piece: Piece[Batch], loaded: Loaded) -> None:
        # seeded for each batch, so that one that is computed again after an interruption drops out the same
        torch.manual_seed(seed_of(self._course.seed, piece.epoch, piece.place))
        with autocast(self._course.precision, self._keeper.device):
            loss = self._task.loss(loaded, piece.passed / self._course.epochs)
        torch.autograd.backward(loss / piece.parts)
        self._meter.add(loss)

    def _update(self, piece: Piece[Batch]) -> None:
        norm = self._updates.update((piece.before + piece.after) / 2 / self._course.epochs)
        self._standing.updates += 1
        self._standing.epoch, self._standing.place = piece.next
        self._meter.close(norm)
        if self._meter.is_full:
            self._keeper.read(self._meter.reading(piece.after, self._updates.rates))
            self._tell()

    def _look_up(self, piece: Piece[Batch], interruption: Interruption) -> None:
        """Between two updates: validate, keep, and stop if asked to."""
        if is_due(piece, self._course):
            self._validate(piece.after)
        elif interruption.requested or self._keeper.is_time:
            self._meter.settle()
            self._keeper.save(self._updates)
        if interruption.requested and not self._standing.finish:
            got, remedy = f"stopped after update {self._standing.updates}", "the same command goes on from there"
            raise TrainingStoppedError("training", got, f"{self._course.epochs} epochs", remedy)

    def _validate(self, epoch: float) -> None:
        self._meter.settle()
        gained = self._keeper.validated(epoch, self._figures())
        if epoch >= self._course.epochs:
            self._standing.finish = "epochs"
        elif self._standing.stale == self._course.patience:
            self._standing.finish = "patience"
        self._keeper.save(self._updates, self._task.network if gained else None)
        self._keeper.report()
        self._tell()

    def _figures(self) -> dict[str, float]:
        self._task.network.eval()
        with torch.no_grad():
            figures = {name: float(value) for name, value in self._task.validate().items()}
        self._task.network.train()
        if not figures or not all(isfinite(value) for value in figures.values()):
            got = ", ".join(f"{name} {value:.4g}" for name, value in figures.items()) or "no figures"
            remedy = "look at the held-out listings, or lower the learning rate"
            raise TrainingError(f"validation after update {self._standing.updates}", got, "finite figures", remedy)
        return figures

    def _tell(self) -> None:
        """What matters first: a terminal has room for two figures beside a bar."""
        parts = [f"loss {reading.loss:.2f}" for reading in self._standing.readings[-1:]]
        parts += [f"{name} {value:.3f}" for name, value in self._standing.validations[-1].figures.items()]
        self._progress.note(", ".join(parts))
