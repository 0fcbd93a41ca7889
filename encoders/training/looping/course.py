"""How a network is trained, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import inf
from typing import Any, Literal

from encoders.errors import TrainingError

Precision = Literal["auto", "bf16", "fp32"]

_NOT_DECIDING = ("checkpoint_s", "ahead")


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how hard to train, when to look how it goes, and when to stop.

    Args:
        epochs: at most so many.
        accumulate: batches whose gradients make up one update.
        warm_up: share of the course in which rates rise; they then fall along a cosine.
        weight_decay: of groups that have none of their own.
        clip: highest norm of the gradient; None takes it as it is.
        patience: validations without gain after which training stops; None never stops early.
        validations: looks at held-out data per epoch; 0.5 is one in two epochs.
        seed: of dropout, and for tasks to derive theirs from.
        precision: "auto" is bf16 where the device computes it faster, fp32 elsewhere.
        checkpoint_s: seconds between checkpoints; each validation makes one, too.
        ahead: batches loaded ahead, each by a thread of its own.

    Raises:
        TrainingError: a setting is out of its range.
    """

    epochs: int = 10
    accumulate: int = 1
    warm_up: float = 0.1
    weight_decay: float = 0.01
    clip: float | None = 1.0
    patience: int | None = 5
    validations: float = 1.0
    seed: int = 0
    precision: Precision = "auto"
    checkpoint_s: float = 60.0
    ahead: int = 2

    def __post_init__(self) -> None:
        """Refuse what can't be."""
        for name, fine, wanted in self._ranges():
            if not fine:
                raise TrainingError(f"setting '{name}'", str(getattr(self, name)), wanted, "change it")

    @property
    def deciding(self) -> Mapping[str, Any]:
        """The settings that the trained weights depend on."""
        return {name: value for name, value in asdict(self).items() if name not in _NOT_DECIDING}

    def _ranges(self) -> Iterator[tuple[str, bool, str]]:
        yield "epochs", self.epochs >= 1, "1 or more"
        yield "accumulate", self.accumulate >= 1, "1 or more"
        yield "warm_up", 0 <= self.warm_up < 1, "a share from 0 to below 1"
        yield "weight_decay", 0 <= self.weight_decay < inf, "0 or more"
        yield "clip", self.clip is None or 0 < self.clip < inf, "more than 0"
        yield "patience", self.patience is None or self.patience >= 1, "1 or more"
        yield "validations", 0 < self.validations < inf, "more than 0"
        yield "precision", self.precision in {"auto", "bf16", "fp32"}, "auto, bf16 or fp32"
        yield "checkpoint_s", 0 <= self.checkpoint_s < inf, "0 or more"
        yield "ahead", self.ahead >= 1, "1 or more"
