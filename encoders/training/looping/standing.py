"""How a run stands: what a checkpoint says beside the tensors, and what reports are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Finish = Literal["epochs", "patience"]


@dataclass(frozen=True, slots=True)
class Validation:
    """Figures of held-out data.

    Args:
        update: after how many updates; 0 is before training.
        epoch: epochs passed, with a fraction.
        figures: by name; the first is watched.
        seconds: spent until then.
    """

    update: int
    epoch: float
    figures: dict[str, float]
    seconds: float

    @property
    def watched(self) -> float:
        """The figure that decides which weights are the best."""
        return next(iter(self.figures.values()))


@dataclass(frozen=True, slots=True)
class Reading:
    """Means over some updates.

    Args:
        update: the last of them, counted from 1.
        epoch: epochs passed, with a fraction.
        loss: per batch.
        gradient_norm: before clipping.
        rates: of the last of them, by group.
    """

    update: int
    epoch: float
    loss: float
    gradient_norm: float
    rates: dict[str, float]


@dataclass(frozen=True, slots=True)
class Peak:
    """The most memory that was held, in bytes.

    Args:
        process: of main memory, by the process.
        device: of the accelerator's, by tensors; 0 without one.
    """

    process: int = 0
    device: int = 0


@dataclass(slots=True)
class Standing:
    """What a run has done so far.

    Args:
        epoch: the one it is in, from 0.
        place: batches of that epoch that are done.
        updates: made in all.
        validations: in the order they were made.
        readings: of the loss, in order.
        recent: loss and gradient norm of updates that no reading covers yet.
        best: the validation whose weights are kept.
        stale: validations since then.
        seconds: spent, validations included.
        peak: memory.
        finish: why it is over; None while it is not.
    """

    epoch: int = 0
    place: int = 0
    updates: int = 0
    validations: list[Validation] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    recent: list[tuple[float, float]] = field(default_factory=list)
    best: Validation | None = None
    stale: int = 0
    seconds: float = 0.0
    peak: Peak = Peak()
    finish: Finish | None = None

    def judge(self, validation: Validation) -> bool:
        """Take a validation in; True if no earlier one is as good."""
        self.validations.append(validation)
        gained = self.best is None or validation.watched > self.best.watched
        self.best, self.stale = (validation, 0) if gained else (self.best, self.stale + 1)
        return gained
