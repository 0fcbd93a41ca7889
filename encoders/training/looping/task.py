"""What the loop trains: a recipe's data, network and loss behind one protocol, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor, nn

Batch = TypeVar("Batch")
Loaded = TypeVar("Loaded")

Advance = Callable[[int], None]
"""Told how many more are done."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Parameters that are trained with one rate.

    Args:
        name: what logs and curves call it.
        parameters: of the task's network; each belongs to one group at most, the others stay as they are.
        rate: highest learning rate, reached after the warm-up.
        weight_decay: None takes the course's.
    """

    name: str
    parameters: Sequence[nn.Parameter]
    rate: float
    weight_decay: float | None = None


class Task(Protocol[Batch, Loaded]):
    """What a recipe is to the loop.

    A run that is interrupted and goes on ends as if it had not been, provided that batches, what is loaded
    from them, and the network before training are decided by the plan alone.
    """

    @property
    def network(self) -> nn.Module:
        """Every trained parameter and buffer, heads included; the loop moves it to its device."""
        ...

    def groups(self) -> Sequence[Group]:
        """What is trained at which rate."""
        ...

    def batches(self, epoch: int) -> Sequence[Batch]:
        """The batches of an epoch, decided by the seed and the epoch.

        They are taken by place and best are no more than numbers of examples: going on starts in their middle.
        """
        ...

    def load(self, batch: Batch) -> Loaded:
        """The expensive part, decoding and augmenting.

        It runs in other threads, several at once: it must not touch the network or draw from global generators,
        so that a batch says whatever decides it (see `seed_of`).
        """
        ...

    def loss(self, loaded: Loaded, progress: float) -> Tensor:
        """The mean loss of a batch, a scalar on the network's device.

        It runs with autocast; what needs all digits leaves it by `full_precision`. Dropout may draw from torch's
        global generator, which is seeded for each batch.

        Args:
            loaded: what `load` gave; moving it to the device is the task's business.
            progress: share of the course that is done, from 0 to below 1, for margins and the like that grow.
        """
        ...

    def validate(self) -> Mapping[str, float]:
        """Figures of held-out data; the first is watched, and higher is better.

        The network is in its evaluation mode; there are no gradients and no autocast.
        """
        ...


def _no_stage(_what: str, _total: int) -> Advance:
    return lambda _done: None


def _nothing(_text: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the loop tells how it goes; by default nowhere.

    Args:
        stage: told what begins and how many steps it has; returns what counts them.
        note: told how it stands ("loss 1.23, recall@1 0.710").
        warn: told what is not as it should be, though the run goes on.
    """

    stage: Callable[[str, int], Advance] = _no_stage
    note: Callable[[str], None] = _nothing
    warn: Callable[[str], None] = _nothing

    def of(self, what: str) -> Progress:
        """The same for one of several trainings, named beside each bar and warning."""
        return Progress(
            lambda stage, total: self.stage(f"{stage} {what}", total),
            self.note,
            lambda text: self.warn(f"{what}: {text}"),
        )
