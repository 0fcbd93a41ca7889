"""What light, lens and file format do to a picture."""

from __future__ import annotations

from math import ceil

from PIL import Image
from torchvision.transforms.v2 import functional

from encoders.training.dice import Dice

_BRIGHTNESS, _CONTRAST, _SATURATION = 0.4, 0.4, 0.5
_HUE = 0.02
"""Of the whole circle; more would make other products of the same shape."""
_BLUR = (0.004, 0.009)
"""Standard deviation as a share of the side."""
_LEAST_DEVIATION = 0.1
"""In pixels; of less, the kernel's sums would be no numbers."""
_SHRINKING = (0.15, 0.5)
_QUALITY_LOSS = (30, 72)
_FULL_QUALITY = 95


def recoloured(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """Other light: brightness, contrast, saturation, hue."""
    image = functional.adjust_brightness(image, _factor(strength * _BRIGHTNESS, dice))
    image = functional.adjust_contrast(image, _factor(strength * _CONTRAST, dice))
    image = functional.adjust_saturation(image, _factor(strength * _SATURATION, dice))
    shifted: Image.Image = functional.adjust_hue(image, strength * dice(-_HUE, _HUE))
    return shifted


def _factor(most: float, dice: Dice) -> float:
    """A factor as likely to lessen as to increase."""
    return (1 + dice(0, most)) ** dice.pick(-1, 1)


def blurred(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """Out of focus."""
    deviation = max(_LEAST_DEVIATION, strength * image.width * dice(*_BLUR))
    kernel = 2 * ceil(2 * deviation) + 1
    # contiguous: with the channels last, as pictures come, the same takes nine times as long
    pixels = functional.pil_to_tensor(image).contiguous()
    soft: Image.Image = functional.to_pil_image(
        functional.gaussian_blur(pixels, [kernel, kernel], [deviation, deviation])
    )
    return soft


def recompressed(image: Image.Image, strength: float, dice: Dice) -> Image.Image:
    """Smaller, compressed, and enlarged again: a screenshot of a thumbnail."""
    side = image.width
    small = max(1, round(side * (1 - strength * dice(*_SHRINKING))))
    quality = round(_FULL_QUALITY - strength * dice(*_QUALITY_LOSS))
    thumbnail = functional.jpeg(functional.resize(image, [small, small]), quality)
    enlarged: Image.Image = functional.resize(thumbnail, [side, side])
    return enlarged
