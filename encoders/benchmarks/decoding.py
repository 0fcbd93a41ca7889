"""Ways from JPEG files to what a backbone looks at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any, Final

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image

from encoders.benchmarks.sample import Tried
from encoders.benchmarks.ways import Rows, Way, Ways
from encoders.bundle import ImageSpec
from encoders.photos import decode_image, prepare

_THREADS: Final = (1, 2, 4)


def decoding_ways(tried: Tried, photos: list[bytes]) -> Ways:
    """All of them; the product's own in one thread is the first. As rows they have the pixels themselves, unit rows."""
    found = Ways()
    if tried.image is None:
        return found
    ways: dict[str, Callable[[bytes], NDArray[np.uint8]]] = {
        "Pillow, all pixels": partial(_pillow, tried.image),
        "Pillow, draft mode": partial(_draft, tried.image),
        "torchvision.io": partial(_torchvision, tried.image),
    }
    for name, decode in ways.items():
        for threads in _THREADS:
            run = partial(_decoded, decode, photos, threads)
            found.ways.append(Way(f"{name}, {_in_words(threads)}", len(photos), run))
    return found


def _in_words(threads: int) -> str:
    return "1 thread" if threads == 1 else f"{threads} threads"


def _decoded(decode: Callable[[bytes], NDArray[np.uint8]], photos: list[bytes], threads: int) -> Rows:
    with ThreadPoolExecutor(threads) as pool:
        pixels = np.stack(list(pool.map(decode, photos))).reshape(len(photos), -1).astype(np.float32)
    pixels -= pixels.mean(axis=1, keepdims=True)
    rows: Rows = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    return rows


def _pillow(spec: ImageSpec, photo: bytes) -> NDArray[np.uint8]:
    return prepare(decode_image(photo), spec)


def _draft(spec: ImageSpec, photo: bytes) -> NDArray[np.uint8]:
    """JPEG files may be decoded at 1/2, 1/4 or 1/8 of their size, which costs less."""
    image = Image.open(BytesIO(photo))
    image.draft("RGB", (spec.resize, spec.resize))
    return prepare(image.convert("RGB"), spec)


def _torchvision(spec: ImageSpec, photo: bytes) -> NDArray[np.uint8]:
    data: Any = torch.frombuffer(bytearray(photo), dtype=torch.uint8)
    with torch.inference_mode():
        image = torchvision.io.decode_jpeg(data, mode=torchvision.io.ImageReadMode.RGB)
        resized = torchvision.transforms.functional.resize(image, [spec.resize], antialias=True)
        cut = torchvision.transforms.functional.center_crop(resized, [spec.crop])
    pixels: NDArray[np.uint8] = cut.permute(1, 2, 0).contiguous().numpy()
    return pixels
