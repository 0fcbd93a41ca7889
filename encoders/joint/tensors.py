"""The tensors of a joint encoder, each checked when it is taken."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from encoders.errors import BundleError

Floats = NDArray[np.float64]
Tensors = Mapping[str, NDArray[np.float32]]
"""Arrays by name, as `image.0.weight`."""

REMEDY = "make the bundle again with 'matchstream train'"


class Checked:
    """Tensors that are refused with a reason where they are not what is asked for.

    Args:
        tensors: by name.
        subject: where they are from, for messages.
    """

    def __init__(self, tensors: Tensors, subject: str) -> None:
        self._tensors, self.subject = tensors, subject

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def take(self, name: str, shape: tuple[int | None, ...]) -> Floats:
        """One tensor, in double precision so that the order of sums is gone once they are float32 again.

        Args:
            name: which one.
            shape: None for a length that may be any.

        Raises:
            BundleError: it is missing, or of another shape, or not all numbers.
        """
        if name not in self:
            raise self.refusal(f"no tensor '{name}'", "every part that the manifest names")
        tensor = np.asarray(self._tensors[name], np.float64)
        fits = [wanted in (None, got) for got, wanted in zip(tensor.shape, shape, strict=False)]
        if tensor.ndim != len(shape) or not all(fits):
            raise self.refusal(f"tensor '{name}' of shape {_in_words(tensor.shape)}", f"shape {_in_words(shape)}")
        if not np.isfinite(tensor).all():
            raise self.refusal(f"tensor '{name}' is not a number in some places", "numbers")
        return tensor

    def refusal(self, got: str, wanted: str) -> BundleError:
        """The error that says what is wrong."""
        return BundleError(self.subject, got, wanted, REMEDY)


def _in_words(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if length is None else str(length) for length in shape) or "()"
