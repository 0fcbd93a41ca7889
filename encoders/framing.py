"""Pictures that are much longer than wide."""

from __future__ import annotations

from typing import Final

from PIL import Image

_LONGEST_SIDES: Final = 8


def cut_ends(image: Image.Image) -> Image.Image:
    """Take the ends off a very long picture whose middle alone is looked at: enlarged whole it would be of any size."""
    longest = min(image.size) * _LONGEST_SIDES
    if max(image.size) <= longest:
        return image
    width, height = (min(side, longest) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
