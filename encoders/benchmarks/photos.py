"""Ways of making rows of photos, from files to rows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.nn.functional import normalize

from encoders.benchmarks.exporting import onnx_session
from encoders.benchmarks.sample import Tried
from encoders.benchmarks.ways import ONNX, OURS, TUTORIAL, Plan, Rows, Way, Ways, batches
from encoders.bundle import ImageSpec, Precision
from encoders.fusion import FusedEncoder, Parts
from encoders.image import ImageEncoder
from encoders.image.backbone import loaded_backbone
from encoders.photos import decode_image, prepare
from encoders.types import Content, Modality

_INTERPOLATIONS: Final = {
    "bilinear": torchvision.transforms.InterpolationMode.BILINEAR,
    "bicubic": torchvision.transforms.InterpolationMode.BICUBIC,
}


def photo_ways(tried: Tried, photos: list[bytes], plan: Plan, folder: Path) -> Ways:
    """All of them; the product's own in float32 is the first.

    Args:
        tried: what encodes them.
        photos: JPEG files to be encoded.
        plan: what is to be tried.
        folder: where an exported network may lie.
    """
    found = Ways()
    if tried.image is None:
        found.notes.append("photos are left out: the bundle has no image encoder")
        return found
    precisions: dict[Precision, None] = {"float32": None, plan.precision: None, "bfloat16": None}
    for precision in precisions:
        spec = replace(tried.image, precision=precision)
        for size in plan.batch_sizes:
            encode = partial(_whole, fused(spec, tried, plan.device), photos, size)
            found.ways.append(Way(f"{OURS}, {precision}", len(photos), encode, size))
    some = photos[: plan.tutorial_items]
    model = loaded_backbone(tried.image, tried.weights).to(plan.device)
    slow = partial(one_by_one, model, transforms(tried.image), some, plan.device)
    found.ways.append(Way(TUTORIAL, len(some), slow, 1))
    if not plan.candidates:
        return found
    if plan.device.type != "cpu":
        found.notes.append(f"{ONNX} is left out for photos: its wheel here runs on CPUs alone")
        return found
    example = {"images": torch.zeros(2, 3, tried.image.crop, tried.image.crop)}
    session = onnx_session(_Named(model), example, folder / "image.onnx", found.notes)
    if session is None:
        return found
    for size in plan.batch_sizes:
        run = partial(_decoded_and_run, session, tried.image, photos, size)
        found.ways.append(Way(f"{ONNX}, float32", len(photos), run, size))
    return found


def fused(spec: ImageSpec, tried: Tried, device: torch.device) -> FusedEncoder:
    """The product's encoder of photos alone."""
    return FusedEncoder(Parts(image=ImageEncoder(spec, tried.weights, device)))


def _whole(encoder: FusedEncoder, photos: list[bytes], size: int) -> Rows:
    rows = []
    for places in batches(len(photos), size):
        found = encoder.encode([Content(image=photo) for photo in photos[places]])
        rows += [one.embedding[Modality.IMAGE] for one in found]
    return np.stack([np.asarray(row, np.float32) for row in rows])


def transforms(spec: ImageSpec) -> Callable[[Image.Image], torch.Tensor]:
    """What first examples prepare photos with."""
    steps = torchvision.transforms
    made: Callable[[Image.Image], torch.Tensor] = steps.Compose(
        [
            steps.Resize(spec.resize, interpolation=_INTERPOLATIONS[spec.interpolation]),
            steps.CenterCrop(spec.crop),
            steps.ToTensor(),
            steps.Normalize(spec.mean, spec.std),
        ]
    )
    return made


def one_by_one(
    model: Any, prepared: Callable[[Image.Image], torch.Tensor], photos: list[bytes], device: torch.device
) -> Rows:
    """As first examples do it."""
    rows = []
    with torch.no_grad():
        for photo in photos:
            image = prepared(Image.open(BytesIO(photo)).convert("RGB")).unsqueeze(0).to(device)
            rows.append(normalize(model(image).flatten(1), dim=1).cpu().numpy())
    return np.concatenate(rows)


class _Named(torch.nn.Module):
    """A backbone whose input has a name."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self._model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self._model(images)
        return made


def as_images(pixels: list[Any], spec: ImageSpec) -> torch.Tensor:
    """Prepared photos as a network is given them: (n, 3, crop, crop), in memory as channels-last."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (spec.mean, spec.std))
    return (torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255 - mean) / std


def _decoded_and_run(
    compute: Callable[[dict[str, torch.Tensor]], torch.Tensor], spec: ImageSpec, photos: list[bytes], size: int
) -> Rows:
    """The same decoding in threads as the product's, with another network behind it."""
    rows = []
    with ThreadPoolExecutor(4) as pool:
        for places in batches(len(photos), size):
            pixels = list(pool.map(lambda photo: prepare(decode_image(photo), spec), photos[places]))
            rows.append(normalize(compute({"images": as_images(pixels, spec)}).flatten(1), dim=1).numpy())
    return np.concatenate(rows)
