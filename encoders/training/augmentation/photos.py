"""A photo of a product as another seller would have taken, marked and published it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional

from encoders.bundle import ImageSpec
from encoders.photos import prepare
from encoders.training.augmentation.framing import bordered, cropped, mirrored, tilted
from encoders.training.augmentation.light import blurred, recoloured, recompressed
from encoders.training.augmentation.marks import erased, watermarked
from encoders.training.augmentation.settings import PhotoSettings
from encoders.training.dice import Dice

Step = Callable[[Image.Image, float, Dice], Image.Image]
"""Changes a square picture, as far as the strength in (0, 1] says; whatever is drawn by lot is drawn from the dice."""

_FEWEST_PIXELS = 16
_CROP_STREAM = 0


class PhotoAugmentation:
    """Makes training pictures of photos.

    Args:
        side: pixels of each picture's sides.
        settings: what is changed how often and how far.
        evaluation: how photos are prepared when nothing is changed, scaled to `side`.

    Raises:
        ValueError: `side` is too small to show anything.
    """

    def __init__(
        self, side: int, settings: PhotoSettings | None = None, *, evaluation: ImageSpec | None = None
    ) -> None:
        if side < _FEWEST_PIXELS:
            raise ValueError(f"photo augmentation: side has {side} pixels, {_FEWEST_PIXELS} or more wanted; enlarge it")
        settings = settings or PhotoSettings()
        spec = evaluation or ImageSpec()
        self._spec = replace(spec, resize=round(spec.resize * side / spec.crop), crop=side)
        self._settings = settings
        self._steps: tuple[tuple[float, Step], ...] = (
            (settings.tilt, tilted),
            (settings.flip, mirrored),
            (settings.colour, recoloured),
            (settings.blur, blurred),
            (settings.border, bordered),
            (settings.watermark, watermarked),
            (settings.recompression, recompressed),
            (settings.erasing, erased),
        )

    def __call__(self, image: Image.Image, seed: int) -> Tensor:
        """Another picture of what the photo shows: (3, side, side) uint8.

        Each step has dice of its own, so that how often one happens changes nothing about the others.

        Args:
            image: RGB, as `decode_image` gives it; other modes are converted.
            seed: decides everything, 0 or more.
        """
        picture = self._framed(image.convert("RGB"), Dice(seed, _CROP_STREAM))
        if self._settings.strength > 0:
            for stream, (probability, step) in enumerate(self._steps, start=_CROP_STREAM + 1):
                dice = Dice(seed, stream)
                if dice.chance(probability):
                    picture = step(picture, self._settings.strength, dice)
        tensor: Tensor = functional.pil_to_tensor(picture)
        return tensor.contiguous()

    def _framed(self, image: Image.Image, dice: Dice) -> Image.Image:
        strength = self._settings.strength
        if strength > 0 and dice.chance(self._settings.crop):
            return cropped(image, self._spec, strength, dice)
        return Image.fromarray(prepare(image, self._spec))
