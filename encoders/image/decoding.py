"""Image files to pixels: one way for every file, so that equal pictures get equal rows."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from encoders.bundle import ImageSpec
from encoders.errors import ImageError

MAX_PIXELS = 40_000_000

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Pillow knows more; some of those run other programs on what strangers sent."""

_RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LONGEST_SIDES = 8
_SIXTEEN_BITS = 65_535


def decode_image(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode a file to RGB, upright, its first frame, what is transparent over white.

    Args:
        data: the file as published.
        max_pixels: of the picture; known from the file's first bytes, before anything is decoded.

    Raises:
        ImageError: the file is no picture, or damaged, or too large.
    """
    try:
        image = _open(data, max_pixels)
        image.load()
        return _flatten(_upright(image))
    except ImageError:
        raise
    except Exception as error:
        # Pillow's readers raise whatever a damaged file makes them trip over
        raise ImageError(f"image of {len(data)} bytes: damaged ({error}); publish a whole file") from error


def _open(data: bytes, max_pixels: int) -> Image.Image:
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        wanted = ", ".join(_FORMATS)
        got = f"begins with {data[:12]!r}" if data else "is empty"
        raise ImageError(f"image of {len(data)} bytes: {got}, one of {wanted} wanted; publish such a file") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"image: {error}, {max_pixels} pixels at most wanted; publish a smaller one") from error
    width, height = image.size
    if width * height > max_pixels:
        got = f"{width} x {height} pixels"
        raise ImageError(f"image: {got}, {max_pixels} pixels at most wanted; publish a smaller one")
    return image


def _upright(image: Image.Image) -> Image.Image:
    """As the camera was held; its other notes are not looked at, since broken ones would cost the picture."""
    orientation: Any = image.getexif().get(_ORIENTATION)
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if not image.has_transparency_data:
        return image.convert("RGB")
    colors = image.convert("RGBA")
    white = Image.new("RGBA", colors.size, "white")
    return Image.alpha_composite(white, colors).convert("RGB")


def _eight_bits(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Greyscale of more than eight bits, or of fractions, to eight bits."""
    values = np.nan_to_num(pixels.astype(np.float64))
    if np.issubdtype(pixels.dtype, np.integer):
        values *= 255 / _SIXTEEN_BITS
    elif values.max(initial=0) <= 1:
        values *= 255
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def prepare(image: Image.Image, spec: ImageSpec) -> NDArray[np.uint8]:
    """The square at the center that the backbone looks at: (crop, crop, 3) uint8."""
    image = _cut_ends(image)
    short = min(image.size)
    width, height = (int(spec.resize * side / short) for side in image.size)
    resized = image.resize((width, height), _RESAMPLING[spec.interpolation])
    left, top = (round((side - spec.crop) / 2) for side in resized.size)
    return np.asarray(resized.crop((left, top, left + spec.crop, top + spec.crop)))


def _cut_ends(image: Image.Image) -> Image.Image:
    """Take the ends off a very long picture: enlarged whole it would be of any size, and they are cropped anyway."""
    short = min(image.size)
    longest = short * _LONGEST_SIDES
    if max(image.size) <= longest:
        return image
    width, height = (min(side, longest) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
