"""Image files to pixels: one way for every file, so that equal pictures get equal rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from encoders.bundle import ImageSpec
from encoders.errors import ImageError
from encoders.framing import cut_ends
from encoders.photos.avif import check_frames
from encoders.photos.guarding import check_segments, check_tiles

MAX_PIXELS = 40_000_000

# One line for each of a thousand broken camera notes: strangers would write our log.
warnings.filterwarnings("ignore", module=r"PIL\..*")

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
_SIXTEEN_BITS = 65_535
_MANY_BITS = ("I", "F")
"""What modes of more than eight bits begin with: whole numbers and fractions."""
_BAND_PIXELS = 2**20
"""Looked at together where that takes more room than the picture itself."""


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
    check_segments(data)
    check_frames(data, max_pixels)
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
    check_tiles(image, max_pixels)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """As the camera was held; its other notes are not looked at, since broken ones would cost the picture."""
    orientation: Any = image.getexif().get(_ORIENTATION)
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _flatten(image: Image.Image) -> Image.Image:
    transparent = image.has_transparency_data
    if image.mode.startswith(_MANY_BITS):
        full = _full_scale(image)
        return _by_bands(image, lambda band: Image.fromarray(_eight_bits(np.asarray(band), full)))
    return _by_bands(image, _over_white) if transparent else image.convert("RGB")


def _by_bands(image: Image.Image, flatten: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Flattened a band at a time: a small file can hold as many pixels as are allowed."""
    flat = Image.new("RGB", image.size)
    for top, band in _bands(image):
        flat.paste(flatten(band), (0, top))
    return flat


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _over_white(image: Image.Image) -> Image.Image:
    colors = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", colors.size, "white"), colors)


def _full_scale(image: Image.Image) -> float:
    """The value that is white: fractions are either of one or of 255."""
    if not image.mode.startswith("F"):
        return _SIXTEEN_BITS
    largest = max(float(np.nan_to_num(np.asarray(band)).max()) for _, band in _bands(image))
    return 1.0 if largest <= 1 else 255.0


def _eight_bits(pixels: NDArray[np.generic], full: float) -> NDArray[np.uint8]:
    """Greyscale of more than eight bits, or of fractions, to eight bits."""
    values = np.nan_to_num(pixels.astype(np.float64)) * (255 / full)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def prepare(image: Image.Image, spec: ImageSpec) -> NDArray[np.uint8]:
    """The square at the center that the backbone looks at: (crop, crop, 3) uint8."""
    image = cut_ends(image)
    short = min(image.size)
    width, height = (int(spec.resize * side / short) for side in image.size)
    resized = image.resize((width, height), _RESAMPLING[spec.interpolation])
    left, top = (round((side - spec.crop) / 2) for side in resized.size)
    return np.asarray(resized.crop((left, top, left + spec.crop, top + spec.crop)))
