"""What encoders are tried on: generated titles and photos, and a bundle where none is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from encoders.bundle import Bundle, ImageSpec, TextSpec
from encoders.fitting import Changes, fit_bundle
from encoders.image import Weights, published_weights, read_weights
from encoders.image.backbone import build_backbone
from encoders.photos import decode_image, prepare
from encoders.training.catalogue import TRAINING_SEED, generate_catalogue

SIDE: Final = 600
"""Pixels of a photo's sides, as shops publish them."""
_QUALITY: Final = 85
_PER_PRODUCT: Final = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """What is encoded.

    Args:
        titles: of generated listings, each another one.
        photos: JPEG files of them.
    """

    titles: list[str]
    photos: list[bytes]


@dataclass(frozen=True, slots=True)
class Tried:
    """What encodes it: specifications with weights; what is None is not tried.

    Args:
        folder: of the bundle.
        text: of titles.
        image: of photos.
        weights: of the image backbone.
    """

    folder: Path
    text: TextSpec | None
    image: ImageSpec | None
    weights: Weights


def sample(titles: int, photos: int) -> Sample:
    """So many different titles and photos; the same at every call."""
    products = 1 + titles // _PER_PRODUCT
    found: dict[str, None] = {}
    while len(found) < titles:
        found = {one.title: None for one in generate_catalogue(products, TRAINING_SEED, photos=False) if one.title}
        products *= 2
    taken: list[bytes] = []
    products = 1 + photos // _PER_PRODUCT
    while len(taken) < photos:
        taken = [one.image for one in generate_catalogue(products, TRAINING_SEED) if one.image]
        products *= 2
    return Sample(list(found)[:titles], [_as_published(photo) for photo in taken[:photos]])


def _as_published(photo: bytes) -> bytes:
    image = Image.open(BytesIO(photo)).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def tried(bundle: Bundle) -> Tried:
    """The encoders of a bundle, without what training put behind them: other runtimes are given networks alone."""
    image = replace(bundle.image, head=None) if bundle.image else None
    weights: Weights = {}
    if image:
        own = image.weights != "published"
        weights = read_weights(bundle.file(image.weights)) if own else published_weights(image)
    return Tried(bundle.path, replace(bundle.text, head=None) if bundle.text else None, image, weights)


def plain_bundle(output: Path, photos: list[bytes], backbone: str = "resnet18") -> Bundle:
    """MiniLM as published, and a backbone of random weights whose normalisations have seen some photos."""
    spec = ImageSpec(backbone=backbone, weights="random.safetensors")
    torch.manual_seed(0)
    model, _head = build_backbone(spec)
    pixels = np.stack([prepare(decode_image(photo), spec) for photo in photos])
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (spec.mean, spec.std))
    with torch.no_grad():
        images = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - mean) / std
        for _ in range(3):
            model.train()(images)
    weights = output.with_name("random.safetensors")
    save_file({name: one.contiguous() for name, one in model.state_dict().items()}, weights)
    changes = Changes(image_backbone=backbone, image_weights=weights)
    return fit_bundle(["no title is learned from"], output, changes=changes)
