"""A task small enough to be trained in a moment, with everything that makes going on hard: dropout, batch norm, noise.

Run as a command, it trains in a process that kills itself: `python -m fakes.blob_task FOLDER touch|write NUMBER`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from encoders.training.looping import Course, Group, Outcome, Progress, RunFolder, run, seed_of
from encoders.training.looping.updating import stored

CPU = torch.device("cpu")
COURSE = Course(epochs=3, accumulate=2, checkpoint_s=3600, precision="fp32", patience=None)
KEPT_OFTEN = replace(COURSE, checkpoint_s=0)
"""A checkpoint after each update."""
UPDATES = 9
"""Of the blob task in that course: five batches an epoch, two an update."""

Batch = tuple[list[int], int]


@dataclass
class BlobTask:
    """Tells three clouds of points apart.

    Args:
        size: points in a batch.
        plain: without dropout, batch norm and noise.
        before_loss: called with the number of losses that were computed before.
        figures: what validations give in turn; None measures.
    """

    size: int = 9
    plain: bool = False
    before_loss: Callable[[int], None] = lambda _done: None
    figures: Sequence[float] | None = None
    network: nn.Sequential = field(init=False)
    said: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            between = [] if self.plain else [nn.BatchNorm1d(6), nn.Dropout(0.3)]
            self.network = nn.Sequential(nn.Linear(2, 6), *between, nn.Tanh(), nn.Linear(6, 3))
        generator = torch.Generator().manual_seed(7)
        self.labels = torch.arange(45) % 3
        centres = torch.tensor([[0.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
        self.points = centres[self.labels] + torch.randn(45, 2, generator=generator) * 0.6
        self.validated = 0

    def groups(self) -> Sequence[Group]:
        body, head = list(self.network[:-1].parameters()), list(self.network[-1].parameters())
        return [Group("body", body, 0.02), Group("head", head, 0.05, weight_decay=0.0)]

    def batches(self, epoch: int) -> Sequence[Batch]:
        order = torch.randperm(45, generator=torch.Generator().manual_seed(seed_of(0, epoch))).tolist()
        return [(order[first : first + self.size], seed_of(epoch, first)) for first in range(0, 45, self.size)]

    def load(self, batch: Batch) -> tuple[Tensor, Tensor]:
        places, seed = batch
        noise = torch.randn(len(places), 2, generator=torch.Generator().manual_seed(seed)) * 0.1
        return self.points[places] + (0 if self.plain else noise), self.labels[places]

    def loss(self, loaded: tuple[Tensor, Tensor], progress: float) -> Tensor:
        self.before_loss(len(self.said))
        self.said.append(progress)
        return cross_entropy(self.network(loaded[0]), loaded[1])

    def validate(self) -> Mapping[str, float]:
        assert not self.network.training
        assert not torch.is_grad_enabled()
        logits = self.network(self.points)
        measured = (logits.argmax(1) == self.labels).double().mean().item() - cross_entropy(logits, self.labels).item()
        watched = measured if self.figures is None else self.figures[self.validated]
        self.validated += 1
        return {"watched": watched, "other": 0.5}


def train(
    task: BlobTask, path: Path, course: Course = COURSE, progress: Progress | None = None, *, draws: bool = False
) -> Outcome:
    """Train it in that folder, on the CPU."""
    return run(task, course, RunFolder(path, {"recipe": "blobs"}, draws=draws), CPU, progress)


def weights(task: BlobTask) -> bytes:
    """Its weights, comparable bit by bit."""
    return save(stored(task.network))


class PowerCutError(Exception):
    """What ends a run from inside."""


def cut_at(loss: int) -> Callable[[int], None]:
    """Ends a run before so many losses and one."""

    def cut(done: int) -> None:
        if done == loss:
            raise PowerCutError

    return cut


def assert_ends_like(undisturbed: tuple[Outcome, bytes], path: Path, course: Course = KEPT_OFTEN) -> BlobTask:
    """Go on with a run, to the end of one that was not disturbed."""
    task = BlobTask()
    outcome = train(task, path, course)
    assert weights(task) == undisturbed[1]
    assert [one.figures for one in outcome.validations] == [one.figures for one in undisturbed[0].validations]
    assert outcome.updates == UPDATES
    return task


def _die_at_touch(number: int, folder: str) -> None:
    """Kill this process when it touches a checkpoint's files for that time: opens, renames or removes one."""
    touched = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal touched
        if event in {"open", "os.rename", "os.remove"} and str(arguments[0]).startswith(folder):
            touched += 1
            if touched == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _die_within(size: int) -> None:
    """Let the kernel kill this process within the next write of so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def main(folder: str, way: str, number: int) -> None:
    """Train until death."""
    torch.set_num_threads(1)
    task = BlobTask()
    if way == "touch":
        _die_at_touch(number, f"{folder}/checkpoint")
    else:
        task.before_loss = lambda done: _die_within(number) if done == UPDATES else None
    train(task, Path(folder), KEPT_OFTEN)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
