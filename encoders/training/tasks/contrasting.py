"""The recipes `contrastive` and `fusion`: a projection of frozen rows, drawn together by product.

Source: Zalando, End-to-end multi-modal product matching in fashion (arXiv 2403.11593): a linear projection of the
concatenated features did better there than deeper ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from encoders.training.data import Batch, ByProduct
from encoders.training.looping import Group, seed_of
from encoders.training.losses import supervised_contrastive
from encoders.training.retrieval import figures
from encoders.training.tasks.projecting import NUMERIC, Frozen, JointNetwork
from encoders.training.tasks.settings import ContrastiveSettings


class ContrastingTask:
    """Trains a joint network so that listings of one product get rows near each other.

    Args:
        training: what to learn from.
        held_out: what to measure on.
        network: the projection.
        settings: how.
        seed: of batches.
    """

    def __init__(
        self, training: Frozen, held_out: Frozen, network: JointNetwork, settings: ContrastiveSettings, seed: int
    ) -> None:
        self.network = network
        self._training, self._held_out, self._settings, self._seed = training, held_out, settings, seed
        examples = training.examples
        self._sampling = ByProduct(examples.codes, examples.groups, settings.products, settings.listings, settings.hard)

    def groups(self) -> Sequence[Group]:
        """One rate for all."""
        return [Group("projection", list(self.network.parameters()), self._settings.rate)]

    def batches(self, epoch: int) -> Sequence[Batch]:
        """Some listings of some products each."""
        return self._sampling.batches(seed_of(self._seed, epoch))

    def load(self, batch: Batch) -> Batch:
        """Rows are in memory already."""
        return batch

    def loss(self, loaded: Batch, progress: float) -> Tensor:  # noqa: ARG002 - nothing warms up
        """Supervised contrastive; now and then a listing has to do without one of its sources."""
        known, present = self._training.at(loaded.places)
        labels = self._training.codes[list(loaded.places)].to(self.network.device)
        rows = self.network(known, thinned(present, self._settings.drop_source, loaded.seed))
        return supervised_contrastive(rows, labels, self._settings.temperature)

    def validate(self) -> Mapping[str, float]:
        """How the held-out products' listings find one another."""
        return figures(self.network(self._held_out.known, self._held_out.present).cpu(), self._held_out.examples.codes)


def thinned(present: Mapping[str, Tensor], share: float, seed: int) -> dict[str, Tensor]:
    """Take a share of each source away, where a listing keeps another."""
    generator = torch.Generator().manual_seed(seed)
    sources = [name for name in present if name != NUMERIC]
    kept = dict(present)
    for name in sources:
        others = [kept[other] for other in sources if other != name]
        away = torch.rand(len(kept[name]), generator=generator) < share
        if others:
            kept[name] = kept[name] & ~(away & torch.stack(others).any(0))
    return kept
