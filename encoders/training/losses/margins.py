"""Additive angular margins: an embedding has to be nearer to its own class than to the others by an angle."""

from __future__ import annotations

from math import pi
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from encoders.training.losses.products import at_least_float32, inner_products, unit_rows

Margin = TypeVar("Margin", float, Tensor)


def additive_angular(cosines: Tensor, labels: Tensor, margins_radians: Tensor | float) -> Tensor:
    """The cosines with the one of each row's own class made harder, (n, k).

    Of the angle t to the own class, cos t becomes cos(t + m); beyond t = pi - m, where cos(t + m) would
    rise again, cos t - m sin m. Value and gradient are finite for every cosine, 1 and -1 included.

    Args:
        cosines: (n, k), embeddings by classes.
        labels: (n,) integers below k.
        margins_radians: one m in [0, pi], or (k,), one for each class.

    Raises:
        ValueError: a margin is outside [0, pi], as one in degrees would be.

    Source: Deng et al., ArcFace: Additive Angular Margin Loss for Deep Face Recognition, equation 3; the
    authors' code for what is beyond pi - m.
    """
    cosines = at_least_float32(cosines)
    margins = torch.as_tensor(margins_radians, dtype=cosines.dtype, device=cosines.device)
    _check_radians(margins)
    own = cosines.gather(1, labels[:, None])
    margin = margins.expand(cosines.shape[1])[labels][:, None]
    # clamped: the square root has no gradient at 0; cos(t + m) by the sum formula, because acos has none at 1
    sine = (1 - own.square()).clamp_min(torch.finfo(own.dtype).tiny).sqrt()
    shifted = own * margin.cos() - sine * margin.sin()
    harder = torch.where(own >= -margin.cos(), shifted, own - margin * margin.sin())
    return cosines.scatter(1, labels[:, None], harder)


def arcface(
    embeddings: Tensor, class_weights: Tensor, labels: Tensor, margins_radians: Tensor | float, scale: float
) -> Tensor:
    """Mean cross-entropy of the scaled cosines to each class, the own one behind its margin.

    Args:
        embeddings: (n, d) of any length.
        class_weights: (k, d) of any length.
        labels: (n,) integers below k.
        margins_radians: one, or (k,); 0 gives the softmax of scaled cosines.
        scale: what cosines are multiplied by.

    Raises:
        ValueError: a margin is outside [0, pi].

    Source: Deng et al., ArcFace, equation 3.
    """
    cosines = inner_products(unit_rows(embeddings), unit_rows(class_weights))
    return functional.cross_entropy(scale * additive_angular(cosines, labels, margins_radians), labels)


def class_margins(counts: Tensor, largest: float, power: float) -> Tensor:
    """Margins that shrink with the size n of a class as n^-power, (k,) radians; the smallest class has `largest`.

    Of a product with few listings little is seen: it gets more room. Powers in use are 0.1 for images and
    0.2 for text; 0 gives every class the same.

    Args:
        counts: (k,) listings of each class, 1 or more.
        largest: radians.
        power: 0 or more.

    Raises:
        ValueError: a class is empty, the power below 0, or `largest` outside [0, pi].

    Source: the winning solution of Shopee's Price Match Guarantee competition.
    """
    fewest = int(counts.min())
    if fewest < 1:
        raise ValueError(f"class {int(counts.argmin())}: {fewest} listings, 1 or more wanted; leave it out")
    if power < 0:
        raise ValueError(f"class-size power: {power:g}, 0 or more wanted; small classes get the large margins")
    margins = largest * (counts / fewest) ** -power
    _check_radians(margins)
    return margins


def warmed_up(margin: Margin, progress: float, share: float) -> Margin:
    """The margin so far: grows in a line from 0 to all of it over the first `share` of training.

    Args:
        margin: radians, one or several.
        progress: how much of training is done, in [0, 1].
        share: in [0, 1]; 0 gives the whole margin at once.
    """
    return margin * min(progress / share, 1.0) if share > 0 else margin


def _check_radians(margins: Tensor) -> None:
    if not bool(((margins >= 0) & (margins <= pi)).all()):
        low, high = margins.min().item(), margins.max().item()
        got = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        raise ValueError(f"margin: {got}, radians in [0, pi] wanted; math.radians makes them of degrees")
