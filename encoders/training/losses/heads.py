"""What training puts on an encoder so that classes can be told apart, and throws away afterwards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoders.training.losses.margins import arcface, class_margins, warmed_up
from encoders.training.losses.products import inner_products, unit_rows


@dataclass(frozen=True, slots=True)
class ArcFaceSettings:
    """How hard ArcFace is.

    Args:
        margin_radians: of the smallest class, when warm.
        scale: what cosines are multiplied by.
        warm_up: share of training over which the margin grows to its full size.
        class_size_power: margins shrink with the size n of a class as n^-power; 0 makes them equal.
    """

    margin_radians: float = 0.3
    scale: float = 20.0
    warm_up: float = 0.3
    class_size_power: float = 0.0


class ClassHead(nn.Module, ABC):
    """One vector for each class, in random directions until `start_from`.

    All begin with length 1, so that one learning rate means the same for every head and dimension.

    Args:
        classes: how many.
        dimensions: of the embeddings.
    """

    def __init__(self, classes: int, dimensions: int) -> None:
        super().__init__()
        self.class_weights = nn.Parameter(unit_rows(torch.randn(classes, dimensions)))

    @abstractmethod
    def forward(self, embeddings: Tensor, labels: Tensor, progress: float = 1.0) -> Tensor:
        """The loss of a batch.

        Args:
            embeddings: (n, d) of any length.
            labels: (n,) numbers of classes.
            progress: how much of training is done, in [0, 1].
        """

    @torch.no_grad()
    def start_from(self, prototypes: Tensor) -> None:
        """Let each class begin where its listings are; one whose prototype is all zeros stays as it is.

        Args:
            prototypes: (k, d) means of the embeddings of each class.

        Raises:
            ValueError: another shape, or a prototype that is no number.
        """
        if prototypes.shape != self.class_weights.shape:
            got, wanted = tuple(prototypes.shape), tuple(self.class_weights.shape)
            raise ValueError(f"prototypes: shape {got}, {wanted} wanted; give one mean embedding per class")
        if not bool(prototypes.isfinite().all()):
            where = int((~prototypes.isfinite()).any(1).nonzero()[0])
            raise ValueError(f"prototype of class {where}: not a number, finite ones wanted; is the class empty?")
        known = prototypes.any(dim=1, keepdim=True).to(self.class_weights.device)
        self.class_weights.copy_(torch.where(known, prototypes.to(self.class_weights), self.class_weights))


class ArcFaceHead(ClassHead):
    """Class weights behind an angular margin that warms up.

    Args:
        classes: how many.
        dimensions: of the embeddings.
        settings: how hard.
        counts: (classes,) listings of each; only margins by class size need them.

    Raises:
        ValueError: margins by class size without sizes, or sizes of other classes.
    """

    margins_radians: Tensor

    def __init__(self, classes: int, dimensions: int, settings: ArcFaceSettings, counts: Tensor | None = None) -> None:
        super().__init__(classes, dimensions)
        if counts is None and settings.class_size_power:
            power = settings.class_size_power
            raise ValueError(f"class sizes: none, {classes} wanted for class_size_power {power:g}; give counts")
        sizes = torch.ones(classes) if counts is None else counts
        if sizes.shape != (classes,):
            raise ValueError(f"class sizes: shape {tuple(sizes.shape)}, ({classes},) wanted; give one per class")
        self.settings = settings
        margins = class_margins(sizes, settings.margin_radians, settings.class_size_power)
        self.register_buffer("margins_radians", margins, persistent=False)  # follows from the settings

    def forward(self, embeddings: Tensor, labels: Tensor, progress: float = 1.0) -> Tensor:
        """The loss of a batch, its margins as warm as `progress` makes them."""
        margins = warmed_up(self.margins_radians, progress, self.settings.warm_up)
        return arcface(embeddings, self.class_weights, labels, margins, self.settings.scale)

    @torch.no_grad()
    def start_from(self, prototypes: Tensor) -> None:
        """As `ClassHead.start_from`, but only with the directions, which are all that counts here."""
        super().start_from(prototypes)
        self.class_weights.copy_(unit_rows(self.class_weights))


class SoftmaxHead(ClassHead):
    """A linear classifier without margin: the baseline of `ArcFaceHead`.

    Args:
        classes: how many.
        dimensions: of the embeddings.
    """

    def __init__(self, classes: int, dimensions: int) -> None:
        super().__init__(classes, dimensions)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(
        self,
        embeddings: Tensor,
        labels: Tensor,
        progress: float = 1.0,  # noqa: ARG002 - either head can stand where the other does
    ) -> Tensor:
        """The loss of a batch, the same at any progress."""
        return functional.cross_entropy(inner_products(embeddings, self.class_weights) + self.bias, labels)

    @torch.no_grad()
    def start_from(self, prototypes: Tensor) -> None:
        """As `ClassHead.start_from`; the bias makes the class of the nearest prototype the likeliest."""
        super().start_from(prototypes)
        self.bias.copy_(-self.class_weights.square().sum(1) / 2)
