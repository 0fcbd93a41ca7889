"""Candidates for running an image backbone, on photos that are prepared already."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.functional import normalize

from encoders.benchmarks.photos import as_images
from encoders.benchmarks.sample import Tried
from encoders.benchmarks.ways import Plan, Rows, Way, Ways, batches
from encoders.bundle import ImageSpec
from encoders.image.backbone import folded, loaded_backbone
from encoders.photos import decode_image, prepare


def network_ways(tried: Tried, photos: list[bytes], plan: Plan) -> Ways:
    """All of them at one batch size; the backbone as it is published is the first."""
    found = Ways()
    if tried.image is None or not plan.candidates:
        return found
    spec, device = tried.image, plan.device
    plain, last = (loaded_backbone(spec, tried.weights).to(device) for _ in range(2))
    last = last.to(memory_format=torch.channels_last)
    whole = folded(loaded_backbone(spec, tried.weights)).to(device).to(memory_format=torch.channels_last)
    half = folded(loaded_backbone(spec, tried.weights)).to(device, torch.bfloat16)
    half = half.to(memory_format=torch.channels_last)

    def autocast(images: torch.Tensor) -> torch.Tensor:
        with torch.autocast(device.type, torch.bfloat16):
            made: torch.Tensor = whole(images)
        return made

    computes: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "as published, float32": lambda images: plain(images.contiguous()),
        "channels-last, float32": last,
        "channels-last, folded, float32": whole,
        "channels-last, folded, autocast": autocast,
        "channels-last, folded, bfloat16": lambda images: half(images.to(torch.bfloat16)),
    }
    if plan.compiled:
        computes["torch.compile, float32"] = torch.compile(last)
    pixels = [prepare(decode_image(photo), spec) for photo in photos]
    for name, compute in computes.items():
        run = partial(_rows, compute, pixels, spec, plan)
        found.ways.append(Way(name, len(photos), run, plan.default_batch))
    if device.type == "cpu":
        run = partial(_rows, whole, pixels, spec, plan)
        found.ways.append(Way("channels-last, folded, two threads", len(photos), run, plan.default_batch, threads=2))
    return found


def _rows(compute: Callable[[torch.Tensor], torch.Tensor], pixels: list[Any], spec: ImageSpec, plan: Plan) -> Rows:
    rows = []
    with torch.inference_mode():
        for places in batches(len(pixels), plan.default_batch):
            images = as_images(pixels[places], spec).to(plan.device)
            rows.append(normalize(compute(images).float().flatten(1), dim=1).cpu().numpy())
    return np.concatenate(rows)
