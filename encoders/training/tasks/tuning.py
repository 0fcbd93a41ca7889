"""Fine-tuning one encoder end to end by telling products apart: ArcFace, and softmax beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from encoders.training.data import Batch, Contents, Examples, Inputs, Split, shuffled, some_products
from encoders.training.looping import Group, Progress, seed_of
from encoders.training.losses import ClassHead
from encoders.training.retrieval import figures
from encoders.training.towers import ImageTower, Neck, TextTower

_MEASURED = 2_000
"""Held-out listings that are measured on each time, at most."""
_EMBEDDED_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Trainee:
    """What is trained.

    Args:
        tower: the encoder.
        neck: between its features and the loss.
        head: the loss.
    """

    tower: TextTower | ImageTower
    neck: Neck
    head: ClassHead


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates and weight decay.

    Args:
        tower: of the encoder.
        head: of what is new; its class weights have everything to learn.
        weight_decay: of the encoder's matrices.
    """

    tower: float
    head: float
    weight_decay: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """A batch: inputs of the tower, and the product of each."""

    inputs: Inputs
    labels: Tensor


class TuningTask:
    """Trains a tower so that listings of one product get features near each other.

    Args:
        split: what to learn from and what to measure on; all have content in the tower's modality.
        contents: from listings to the tower's inputs.
        trainee: the encoder, and what is behind it.
        rates: how fast each part learns.
        batch: listings in each.
        seed: of the order and the augmentations.
    """

    def __init__(  # noqa: PLR0917 - all of it is needed, and there is no usual value
        self, split: Split, contents: Contents, trainee: Trainee, rates: Rates, batch: int, seed: int
    ) -> None:
        self.network = nn.ModuleDict({"tower": trainee.tower, "neck": trainee.neck, "head": trainee.head})
        self._trainee, self._split, self._contents = trainee, split, contents
        self._rates, self._batch, self._seed = rates, batch, seed
        self._measured = some_products(split.held_out, _MEASURED)
        self._codes = torch.from_numpy(split.training.codes)
        self._lengths = [contents.length(one) for one in split.training.all]

    def groups(self) -> Sequence[Group]:
        """Matrices of the encoder decay; norms, biases and everything new do not."""
        tower = list(self._trainee.tower.parameters())
        matrices = [one for one in tower if one.dim() > 1]
        others = [one for one in tower if one.dim() <= 1]
        new = [*self._trainee.neck.parameters(), *self._trainee.head.parameters()]
        return [
            Group("encoder", matrices, self._rates.tower, self._rates.weight_decay),
            Group("norms", others, self._rates.tower, 0.0),
            Group("head", new, self._rates.head, 0.0),
        ]

    def batches(self, epoch: int) -> Sequence[Batch]:
        """Every listing once, in an order of this epoch."""
        return shuffled(self._lengths, self._batch, seed_of(self._seed, epoch))

    def load(self, batch: Batch) -> Loaded:
        """Decode and augment."""
        examples = [self._split.training.all[place] for place in batch.places]
        return Loaded(self._contents.inputs(examples, batch.seeds), self._codes[list(batch.places)])

    def loss(self, loaded: Loaded, progress: float) -> Tensor:
        """The head's."""
        features = self._features(loaded.inputs)
        loss: Tensor = self._trainee.head(features, loaded.labels.to(features.device), progress)
        return loss

    def validate(self) -> Mapping[str, float]:
        """How the held-out products' listings find one another."""
        return figures(self.rows(self._measured), self._measured.codes)

    def rows(self, examples: Examples) -> Tensor:
        """Embed listings as the bundle will: (n, d) float32, unit rows."""
        return normalize(self._features_of(examples, Progress()))

    def start_from_prototypes(self, progress: Progress) -> None:
        """Let each product's class weights begin at the mean of its listings' features."""
        training = self._split.training
        features = self._features_of(training, progress)
        sums = torch.zeros(training.products, features.shape[1]).index_add_(0, self._codes, features)
        self._trainee.head.start_from(sums / torch.from_numpy(training.counts)[:, None])

    def _features_of(self, examples: Examples, progress: Progress) -> Tensor:
        self.network.eval()
        advance = progress.stage("features", len(examples))
        parts = []
        for start in range(0, len(examples), _EMBEDDED_TOGETHER):
            some = examples.all[start : start + _EMBEDDED_TOGETHER]
            with torch.no_grad():
                parts.append(self._features(self._contents.inputs(some)).cpu())
            advance(len(some))
        return torch.cat(parts)

    def _features(self, inputs: Inputs) -> Tensor:
        device = self._trainee.head.class_weights.device
        there = {name: tensor.to(device, non_blocking=True) for name, tensor in inputs.items()}
        features: Tensor = self._trainee.neck(self._trainee.tower(there).float())
        return features
