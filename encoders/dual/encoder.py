"""Photos and texts to unit rows in one space: the two towers of a CLIP or SigLIP model."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.batches import moved
from encoders.bundle import DualSpec
from encoders.dual.checkpoint import Checkpoint, load_checkpoint
from encoders.dual.towers import PhotoTower, TextTower
from encoders.precision import of_precision

_log = logging.getLogger(__name__)


class DualEncoder:
    """Embeds photos and texts into one space.

    Args:
        spec: which model.
        bundle: the bundle's folder, where the model may live.
        device: where it runs.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in.
        BundleError: it is no dual encoder, or lacks a tower or a processor.
    """

    def __init__(self, spec: DualSpec, bundle: Path | None = None, device: torch.device | None = None) -> None:
        where = device or torch.device("cpu")
        checkpoint = load_checkpoint(spec, bundle)
        self.source = checkpoint.source
        """Where the model came from, in words."""
        self._scale = _scale_of(checkpoint)
        subject = f"dual encoder '{spec.model}' on {where}"
        moved(of_precision(checkpoint.model, spec.precision, where, subject), where, subject)
        self.photos = PhotoTower(checkpoint, where)
        self.texts = TextTower(checkpoint, where)
        if self.photos.dimensions != self.texts.dimensions:
            got = f"of {self.photos.dimensions} dimensions for photos and {self.texts.dimensions} for texts"
            raise checkpoint.refused(got)
        _log.info("dual encoder '%s' from %s, on %s", spec.model, self.source, where)

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return self.photos.dimensions

    def probabilities(self, photos: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float64]:
        """Which of some texts each photo goes with, if it goes with one: (n, m), each row adding up to 1.

        The softmax over the texts of the cosines, as sharp as the model learnt that they are to be. SigLIP's learnt
        whether a pair belongs together rather than to which of several, from the same cosines with a bias; as it is
        the same for every pair, it does not change which of several is how much likelier.

        Args:
            photos: (n, d), rows of `self.photos`.
            texts: (m, d), rows of `self.texts`.
        """
        logits = self._scale * (photos.astype(np.float64) @ texts.astype(np.float64).T)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
        return shares


def _scale_of(checkpoint: Checkpoint) -> float:
    """What cosines are multiplied by, which models keep as its logarithm or as its inverse."""
    model: Any = checkpoint.model
    if isinstance(getattr(model, "logit_scale", None), torch.Tensor):
        return float(model.logit_scale.exp())
    if isinstance(getattr(model, "temperature", None), torch.Tensor):
        return float(1 / model.temperature)
    raise checkpoint.refused("that never learnt how much cosines say", "a model with a scale of its own (logit_scale)")
