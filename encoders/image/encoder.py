"""Images to unit rows: a backbone's pooled features."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import normalize

from encoders.batches import Batches, moved
from encoders.bundle import ImageSpec
from encoders.errors import BundleError
from encoders.head import Head, read_head
from encoders.image.backbone import Weights, folded, loaded_backbone
from encoders.photos import MAX_PIXELS, decode_image, prepare
from encoders.precision import number_of, of_precision

_GPU_BATCH, _GPU_WHOLE = 64, 2
_CPU_BATCH = 4
"""Always so many: `encoders.batches` tells why. With eight, one photo alone would take twice as long."""
_log = logging.getLogger(__name__)


class ImageEncoder:
    """Embeds images.

    Args:
        spec: which backbone, and how images are prepared for it.
        weights: of the backbone; a classifier's among them are left out.
        device: where it runs.
        bundle: whose encoder it is, for error messages.
        head: file of what features go through before they are brought to unit length.

    Raises:
        BundleError: the weights are not the backbone's, or it takes no images of this size.
    """

    def __init__(
        self,
        spec: ImageSpec,
        weights: Weights,
        device: torch.device | None = None,
        bundle: str = "new",
        head: Path | None = None,
    ) -> None:
        self._spec = spec
        self._device = device or torch.device("cpu")
        self._head: Head | None = None
        model = loaded_backbone(spec, weights, bundle)
        subject = f"image backbone '{spec.backbone}' on {self._device}"
        # Folded before it is rounded: normalisation is exact then
        model = of_precision(folded(model), spec.precision, self._device, subject)
        self._model = moved(model.to(memory_format=torch.channels_last), self._device, subject)
        self._numbers = number_of(spec.precision)
        self._mean, self._std = (
            torch.tensor(values, device=self._device).view(3, 1, 1) for values in (spec.mean, spec.std)
        )
        size, whole = (_GPU_BATCH, _GPU_WHOLE) if self._device.type == "cuda" else (_CPU_BATCH, _CPU_BATCH)
        self._batches = Batches(size, subject, whole)
        self.dimensions = self._measure(bundle)
        """Length of a row."""
        if head:
            self._head = read_head(head, self.dimensions, bundle).to(self._device)
            self.dimensions = len(self._head.bias)
        _log.info("image backbone '%s' with weights %s, on %s", spec.backbone, spec.weights, self._device)

    def _measure(self, bundle: str) -> int:
        blank = np.zeros((1, self._spec.crop, self._spec.crop, 3), dtype=np.uint8)
        try:
            (row,) = self._batches.results(self._forward, [*blank])
        except (RuntimeError, ValueError, AssertionError) as error:
            got = f"images of {self._spec.crop} pixels"
            raise BundleError(
                bundle, got, f"a size that {self._spec.backbone} takes", f"change the crop ({error})"
            ) from error
        if not np.isfinite(row).all():
            raise BundleError(bundle, "weights that make rows of no number", "finite ones", "train them again")
        return int(row.size)

    def prepare(self, data: bytes, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
        """Decode a file to what the backbone looks at, as `prepared`.

        Raises:
            ImageError: the file is no picture, or damaged, or too large.
        """
        return self.prepared(decode_image(data, max_pixels))

    def prepared(self, image: Image.Image) -> NDArray[np.uint8]:
        """A decoded photo as the backbone looks at it: (crop, crop, 3) uint8. Safe in any thread."""
        return prepare(image, self._spec)

    def encode(self, pixels: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed prepared images: (n, d) float32, unit rows, in the order given."""
        rows = self._batches.results(self._forward, pixels)
        return np.stack(rows) if rows else np.empty((0, self.dimensions), dtype=np.float32)

    def _forward(self, pixels: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        # Set here because grad mode belongs to the thread, and callers use an executor's
        with torch.inference_mode():
            # (n, h, w, 3) seen as (n, 3, h, w) lies in memory as channels-last wants it
            images = torch.from_numpy(np.stack(pixels)).to(self._device).permute(0, 3, 1, 2).float() / 255
            features = self._model(((images - self._mean) / self._std).to(self._numbers))
            flat = features.float().flatten(1)
            rows = normalize(self._head(flat) if self._head else flat, dim=1)
        array: NDArray[np.float32] = rows.cpu().numpy()
        return array
