"""One space for all views of a product: a photo finds a title, and either finds both together.

A batch holds two listings of each product, trigger and offer. Each view of a trigger has to find each view of
its offer, of the same kind or another, and the views of one listing have to agree. The loss unit's three terms
are its authors'; which pairs of views enter them, the weights and the margins are our reading, said where it
is. Each listing's each pair of views counts the same; what is missing counts nothing.

Source: Alibaba's unified vision-language modelling for same-style products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import torch
from torch import Tensor

from encoders.training.losses.products import at_least_float32, inner_products


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What one view, such as the image, says about each listing of a batch.

    Args:
        rows: (n, d), unit rows; where the view is missing they are never read and may be NaN.
        present: (n,) bool, which listings have this view.
    """

    rows: Tensor
    present: Tensor

    def known(self) -> Tensor:
        """The rows, with zeros where the view is missing: 0 times NaN would be NaN in the gradient."""
        return torch.where(self.present[:, None], at_least_float32(self.rows), 0.0)


Side = Mapping[str, View]
"""Views by name: the triggers of a batch or the offers, row i of each of product i."""


@dataclass(frozen=True, slots=True)
class UnifiedSettings:
    """How strict the unified loss is, and what counts how much.

    Args:
        margin: by so much a product's own cosine has to be above that with any other product.
        matching: weight of triggers finding their offers.
        consistency: weight of a trigger's views finding each other.
        locality: weight of a trigger's views agreeing about which offers are near.
        tolerance: squared difference of cosines that locality leaves alone.
        hardest: how many of the nearest offers locality looks at.
    """

    margin: float = 0.2
    matching: float = 1.0
    consistency: float = 1.0
    locality: float = 1.0
    tolerance: float = 0.01
    hardest: int = 10


def unified(triggers: Side, offers: Side, labels: Tensor, settings: UnifiedSettings) -> Tensor:
    """Weighted sum of the three terms.

    Args:
        triggers: views of one listing of each product.
        offers: views of another; of the same one where a product has no other.
        labels: (n,) products; rows of one product are not each other's negatives.
        settings: margins and weights.
    """
    return (
        settings.matching * matching(triggers, offers, labels, settings.margin)
        + settings.consistency * consistency(triggers, labels, settings.margin)
        + settings.locality * locality(triggers, offers, settings.tolerance, settings.hardest)
    )


def matching(triggers: Side, offers: Side, labels: Tensor, margin: float) -> Tensor:
    """Each trigger is nearer to its own offer than to those of other products, over all ordered pairs of views.

    The mean over negatives j of max(0, D_ij - D_ii + margin), D the cosines of triggers with offers. The
    authors' mean also counts j = i, which adds 0, and other rows of the same product, which are no negatives.
    """
    pairs = product(triggers.values(), offers.values())
    return _mean([_hinge(trigger, offer, labels, margin) for trigger, offer in pairs])


def consistency(side: Side, labels: Tensor, margin: float) -> Tensor:
    """Each view of a listing is nearer to its other views than to those of other products; 0 with one view only.

    The same hinge as `matching`. Our reading: the 'own views' are its other modalities, all ordered pairs.
    """
    return _mean([_hinge(other, view, labels, margin) for view, other in permutations(side.values(), 2)])


def locality(triggers: Side, offers: Side, tolerance: float, hardest: int) -> Tensor:
    """Two views of a trigger are about as near to the offers that one of them is nearest to; 0 with one view only.

    The mean over the `hardest` offers j nearest to the one view, whatever their product, of
    max(0, (D_ij - D'_ij)^2 - tolerance), D' the cosines of the other view. Our reading: all ordered pairs of
    a trigger's views, each with all views of the offers.
    """
    pairs = product(permutations(triggers.values(), 2), offers.values())
    return _mean([_drift(*views, offer, tolerance, hardest) for views, offer in pairs])


@dataclass(frozen=True, slots=True, eq=False)
class _Anchors:
    """Loss of each anchor, (n,), and (n,) bool which of them count; what does not count is finite."""

    losses: Tensor
    counted: Tensor


def _hinge(anchors: View, targets: View, labels: Tensor, margin: float) -> _Anchors:
    cosines = inner_products(anchors.known(), targets.known())
    negative = (labels[:, None] != labels[None, :]) & targets.present[None, :]
    too_near = (cosines - cosines.diagonal()[:, None] + margin).clamp_min(0)
    return _over(too_near, negative, anchors.present & targets.present)


def _drift(view: View, other: View, offer: View, tolerance: float, hardest: int) -> _Anchors:
    offered = offer.known()
    cosines, others = inner_products(view.known(), offered), inner_products(other.known(), offered)
    ranked = cosines.detach().masked_fill(~offer.present[None, :], -torch.inf)
    nearest = ranked.topk(min(hardest, len(ranked))).indices
    apart = (cosines - others).gather(1, nearest).square()
    return _over((apart - tolerance).clamp_min(0), offer.present[nearest], view.present & other.present)


def _over(losses: Tensor, some: Tensor, anchors: Tensor) -> _Anchors:
    """The mean of each row of losses, (n, k), over some of its entries, (n, k) bool."""
    mean = losses.masked_fill(~some, 0.0).sum(1) / some.sum(1).clamp_min(1)
    return _Anchors(mean, anchors & some.any(1))


def _mean(parts: Sequence[_Anchors]) -> Tensor:
    if not parts:
        return torch.zeros(())
    losses, counted = torch.cat([part.losses for part in parts]), torch.cat([part.counted for part in parts])
    return losses.masked_fill(~counted, 0.0).sum() / counted.sum().clamp_min(1)
