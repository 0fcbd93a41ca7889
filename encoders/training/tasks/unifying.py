"""The recipe `unified`: one space in which a photo, words, and both together find one another.

Source: Alibaba's unified vision-language modelling for same-style products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from encoders.training.data import Batch, ByProduct
from encoders.training.looping import Group, seed_of
from encoders.training.losses import UnifiedSettings, View, unified
from encoders.training.retrieval import Seen, figures, recalls
from encoders.training.tasks.projecting import Frozen, JointNetwork, Known
from encoders.training.tasks.settings import UnifiedRecipeSettings
from encoders.types import Modality

_BOTH = "both"
_SOURCES = (str(Modality.IMAGE), str(Modality.TEXT))


@dataclass(frozen=True, slots=True)
class Couples:
    """A batch: for each product one listing to look for and one to find.

    Args:
        triggers: places of the ones.
        offers: places of the others; the same where a product has one listing.
    """

    triggers: tuple[int, ...]
    offers: tuple[int, ...]


class UnifyingTask:
    """Trains a joint network so that any view of a product finds any other.

    Args:
        training: what to learn from.
        held_out: what to measure on.
        network: a part for each source.
        settings: how.
        seed: of batches.
    """

    def __init__(
        self, training: Frozen, held_out: Frozen, network: JointNetwork, settings: UnifiedRecipeSettings, seed: int
    ) -> None:
        self.network = network
        self._training, self._held_out, self._settings, self._seed = training, held_out, settings, seed
        examples = training.examples
        self._sampling = ByProduct(examples.codes, examples.groups, settings.products, 2, settings.hard, alone=True)
        self._loss = UnifiedSettings(settings.margin, settings.matching, settings.consistency, settings.locality)

    def groups(self) -> Sequence[Group]:
        """One rate for all."""
        return [Group("projection", list(self.network.parameters()), self._settings.rate, self._settings.weight_decay)]

    def batches(self, epoch: int) -> Sequence[Batch]:
        """One or two listings of some products each."""
        return self._sampling.batches(seed_of(self._seed, epoch))

    def load(self, batch: Batch) -> Couples:
        """Couple the listings of each product."""
        couples: dict[int, list[int]] = {}
        for place in batch.places:
            couples.setdefault(int(self._training.codes[place]), []).append(place)
        return Couples(tuple(one[0] for one in couples.values()), tuple(one[-1] for one in couples.values()))

    def loss(self, loaded: Couples, progress: float) -> Tensor:  # noqa: ARG002 - nothing warms up
        """Over all ordered pairs of views."""
        labels = self._training.codes[list(loaded.triggers)]
        triggers, offers = (self._views(places) for places in (loaded.triggers, loaded.offers))
        return unified(triggers, offers, labels.to(self.network.device), self._loss)

    def validate(self) -> Mapping[str, float]:
        """How the held-out products' listings find one another: photos words, words photos, and whole listings."""
        views = views_of(self.network, self._held_out.known, self._held_out.present)
        codes = self._held_out.examples.codes
        image, text = (_seen(views[name]) for name in _SOURCES)
        across = {"text_finds_photo": recalls(text, image, codes), "photo_finds_text": recalls(image, text, codes)}
        told = {f"{name}_{k}": value for name, each in across.items() for k, value in each.items()}
        # recall@1 counts, too: among few listings everything is among the ten nearest
        watched = sum(told.values()) / len(told)
        return {"cross_modal_recall": watched, **told, **figures(views[_BOTH].rows.cpu(), codes)}

    def _views(self, places: Sequence[int]) -> dict[str, View]:
        return views_of(self.network, *self._training.at(places))


def views_of(network: JointNetwork, known: Known, present: Known) -> dict[str, View]:
    """Each source alone, and both together, which counts where a listing has both."""
    there = {name: present[name].to(network.device) for name in _SOURCES}
    views = {name: View(network({name: known[name]}, {name: there[name]}), there[name]) for name in _SOURCES}
    return {**views, _BOTH: View(network(known, present), torch.stack([*there.values()]).all(0))}


def _seen(view: View) -> Seen:
    places = view.present.cpu().numpy().nonzero()[0]
    return Seen(view.rows.cpu()[places], places)
