"""Photos to captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from encoders.bundle import CaptionSpec
from encoders.errors import CaptionError

Pixels = NDArray[np.uint8]


class Captioner:
    """Says what photos show.

    Args:
        spec: which model, and for which titles.
        bundle: the bundle's folder, where the model may live.
        device: where it runs.
        timeout_s: a batch may take so long; what is not done then has no caption.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in.
        BundleError: it is no captioning model, or lacks a processor.
    """

    def __init__(
        self,
        spec: CaptionSpec,
        bundle: Path | None = None,
        device: torch.device | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        raise NotImplementedError

    @property
    def share(self) -> float:
        """What a caption's row counts beside that of a title."""
        raise NotImplementedError

    def wanted(self, title: str) -> bool:
        """Whether a title says too little."""
        raise NotImplementedError

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the model looks at it: (h, w, 3) uint8. Safe in any thread."""
        raise NotImplementedError

    def caption(self, pixels: Sequence[Pixels]) -> list[str | CaptionError]:
        """A caption of each, or why there is none."""
        raise NotImplementedError
