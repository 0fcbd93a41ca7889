"""The parts of a joint encoder: what each source becomes in the common space, before all is summed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtr

from encoders.joint.tensors import Checked, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A linear map.

    Args:
        weight: (out, in).
        bias: (out,).
    """

    weight: Floats
    bias: Floats

    def __call__(self, values: Floats) -> Floats:
        """(in,) to (out,)."""
        result: Floats = self.weight @ values + self.bias
        return result

    @classmethod
    def take(cls, name: str, tensors: Checked, size: int | None) -> Self:
        """A layer that takes so many numbers, or as many as it likes.

        Raises:
            BundleError: its tensors are not there, or of other shapes.
        """
        weight = tensors.take(f"{name}.weight", (None, size))
        return cls(weight, tensors.take(f"{name}.bias", (len(weight),)))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One layer, or two with a GELU in between."""

    first: Layer
    second: Layer | None = None

    @property
    def given(self) -> int:
        """How many numbers it takes."""
        return len(self.first.weight.T)

    @property
    def size(self) -> int:
        """How many numbers it gives."""
        return len((self.second or self.first).bias)

    def __call__(self, values: Floats) -> Floats:
        """(given,) to (size,)."""
        hidden = self.first(values)
        return hidden if self.second is None else self.second(_gelu(hidden))

    @classmethod
    def take(cls, name: str, tensors: Checked, given: int | None = None) -> Self:
        """The part of one source; layers are numbered as in torch, where the GELU between has no tensors.

        Raises:
            BundleError: its tensors are not there, or do not fit together.
        """
        first = Layer.take(f"{name}.0", tensors, given)
        if f"{name}.2.weight" not in tensors:
            return cls(first)
        return cls(first, Layer.take(f"{name}.2", tensors, len(first.bias)))


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What numbers are standardised by.

    Args:
        mean: (n,).
        std: (n,), above 0.
    """

    mean: Floats
    std: Floats

    def __call__(self, values: Floats) -> Floats:
        """(n,) to (n,); what is not a number counts as the mean."""
        standardised = (values - self.mean) / self.std
        return np.where(np.isnan(standardised), 0.0, standardised)

    @classmethod
    def take(cls, name: str, tensors: Checked, size: int) -> Self:
        """The scale of so many numbers.

        Raises:
            BundleError: its tensors are not there, or of other shapes, or say that a number never varies.
        """
        mean, std = (tensors.take(f"{name}.{which}", (size,)) for which in ("mean", "std"))
        if not (std > 0).all():
            raise tensors.refusal(f"tensor '{name}.std' is not above 0 in some places", "numbers that vary")
        return cls(mean, std)


def _gelu(values: Floats) -> Floats:
    """Each times the share of a normal distribution below it. Source: Hendrycks and Gimpel, GELUs, section 2."""
    result: Floats = values * ndtr(values)
    return result
