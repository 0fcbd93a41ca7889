"""Photos as the tower of a dual encoder is given them, as the model's own image processor would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from PIL import Image
from transformers.models.siglip2.image_processing_pil_siglip2 import get_image_size_for_max_num_patches

from encoders.dual.checkpoint import Checkpoint
from encoders.preparing import Pixels, Preparation, preparation_of

_NEAR: Final = 0.05
"""Values of pixels are from about -2 to 2; one step of 255 is 0.016 at most."""


class Preparing(Protocol):
    """Prepares photos."""

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the tower looks at it: (h, w, 3) uint8. Safe in any thread."""

    def inputs(self, pixels: Sequence[Pixels], device: torch.device) -> dict[str, torch.Tensor]:
        """Prepared photos as the model takes them."""


@dataclass(frozen=True, slots=True)
class OneSize:
    """Photos of one size, as nearly all models look at them."""

    preparation: Preparation

    def prepared(self, image: Image.Image) -> Pixels:
        """Resized, and cropped where the processor crops."""
        return self.preparation.prepared(image)

    def inputs(self, pixels: Sequence[Pixels], device: torch.device) -> dict[str, torch.Tensor]:
        """The numbers of the pixels."""
        return {"pixel_values": self.preparation.numbers(pixels, device)}


@dataclass(frozen=True, slots=True)
class Patches:
    """Photos of any proportions, cut into so many patches at most, as SigLIP 2's NaFlex models look at them."""

    processor: Any

    def prepared(self, image: Image.Image) -> Pixels:
        """Resized to as many whole patches as there may be."""
        patch, most = self.processor.patch_size, self.processor.max_num_patches
        height, width = get_image_size_for_max_num_patches(image.height, image.width, patch, most)
        return np.asarray(image.resize((width, height), Image.Resampling(int(self.processor.resample))))

    def inputs(self, pixels: Sequence[Pixels], device: torch.device) -> dict[str, torch.Tensor]:
        """The patches, how many of them there are, and how they lie."""
        cut = self.processor(
            images=list(pixels), do_resize=False, input_data_format="channels_last", return_tensors="pt"
        )
        return {name: tensor.to(device) for name, tensor in cut.items()}


def preparing_of(checkpoint: Checkpoint) -> Preparing:
    """How photos are prepared for a checkpoint.

    Raises:
        BundleError: its image processor does something else to them.
    """
    processor = checkpoint.processor
    wanted, remedy = "one that resizes, crops and scales photos", "name another one, as a CLIP or a SigLIP model"
    try:
        found: Preparing = Patches(processor) if _cuts(processor) else OneSize(preparation_of(processor))
        same = all(_does_the_same(found, processor, side) for side in (40, 160))
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        got = f"with an image processor that can't be used ({error})"
        raise checkpoint.refused(got, wanted, remedy) from error
    if not same:
        raise checkpoint.refused(
            f"with an image processor of its own kind ({type(processor).__name__})", wanted, remedy
        )
    return found


def _cuts(processor: Any) -> bool:
    return "spatial_shapes" in processor.model_input_names


def _does_the_same(preparing: Preparing, processor: Any, height: int) -> bool:
    """Whether a picture comes out as by the processor itself: some do more than they say in their settings."""
    noise = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((80, height), Image.Resampling.BILINEAR)
    wanted = processor(images=picture, return_tensors="pt")
    got = preparing.inputs([preparing.prepared(picture)], torch.device("cpu"))
    return got.keys() == wanted.keys() and all(
        got[name].shape == wanted[name].shape and torch.allclose(got[name].float(), wanted[name].float(), atol=_NEAR)
        for name in wanted
    )
