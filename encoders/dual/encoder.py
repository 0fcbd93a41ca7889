"""Photos and texts to unit rows in one space: the two towers of a CLIP or SigLIP model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from encoders.bundle import DualSpec

Pixels = NDArray[np.uint8]


class PhotoTower:
    """Looks at photos."""

    def __init__(self, model: Any, processor: Any, device: torch.device) -> None:
        self._model, self._processor, self._device = model, processor, device

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the tower looks at it: (h, w, 3) uint8. Safe in any thread."""
        raise NotImplementedError

    def encode(self, pixels: Sequence[Pixels]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        raise NotImplementedError


class TextTower:
    """Reads texts."""

    def __init__(self, model: Any, tokenizer: Any, device: torch.device) -> None:
        self._model, self._tokenizer, self._device = model, tokenizer, device

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        raise NotImplementedError


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

    photos: PhotoTower
    texts: TextTower

    def __init__(self, spec: DualSpec, bundle: Path | None = None, device: torch.device | None = None) -> None:
        raise NotImplementedError

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        raise NotImplementedError

    def probabilities(self, photos: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float64]:
        """Which of some texts each photo goes with: (n, m), each row adding up to 1."""
        raise NotImplementedError
