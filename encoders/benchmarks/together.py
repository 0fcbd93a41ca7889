"""Listings with a title and a photo: the product's encoder beside one item at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from encoders.benchmarks.by_hand import titles_one_by_one
from encoders.benchmarks.photos import one_by_one, transforms
from encoders.benchmarks.sample import Sample, Tried
from encoders.benchmarks.ways import OURS, TUTORIAL, Plan, Rows, Way, Ways, batches
from encoders.bundle import Precision
from encoders.fusion import FusedEncoder, Parts
from encoders.image import ImageEncoder
from encoders.image.backbone import loaded_backbone
from encoders.models import find_model
from encoders.text import TextEncoder, load_model
from encoders.types import Content, Modality

_BOTH: Final = (Modality.TEXT, Modality.IMAGE)


def listing_ways(tried: Tried, listings: Sample, plan: Plan) -> Ways:
    """Both; as rows they have those of titles and photos side by side, of unit length."""
    found = Ways()
    if tried.text is None or tried.image is None:
        return found
    pairs = list(zip(listings.titles, listings.photos, strict=False))
    contents = [Content(title, photo) for title, photo in pairs]
    precisions: dict[Precision, None] = {"float32": None, plan.precision: None}
    for precision in precisions:
        text = TextEncoder(replace(tried.text, precision=precision), tried.folder, plan.device)
        image = ImageEncoder(replace(tried.image, precision=precision), tried.weights, plan.device)
        encoder = FusedEncoder(Parts(text=text, image=image))
        for size in plan.batch_sizes:
            run = partial(_ours, encoder, contents, size)
            found.ways.append(Way(f"{OURS}, {precision}", len(pairs), run, size))
    some = pairs[: plan.tutorial_items]
    found.ways.append(Way(TUTORIAL, len(some), _tutorial(tried, some, plan), 1))
    return found


def _ours(encoder: FusedEncoder, contents: list[Content], size: int) -> Rows:
    found = [one.embedding for places in batches(len(contents), size) for one in encoder.encode(contents[places])]
    return _unit(*(np.stack([np.asarray(one[which], np.float32) for one in found]) for which in _BOTH))


def _unit(titles: Rows, photos: Rows) -> Rows:
    return np.concatenate([titles, photos], axis=1) * np.float32(0.5**0.5)


def _tutorial(tried: Tried, pairs: list[tuple[str, bytes]], plan: Plan) -> partial[Rows]:
    if tried.text is None or tried.image is None:
        raise TypeError(tried)
    tokenizer, model = load_model(find_model(tried.text.model, tried.text.revision, tried.folder), tried.folder.name)
    titles = partial(titles_one_by_one, tokenizer, model.to(plan.device).eval(), [title for title, _ in pairs])
    backbone = loaded_backbone(tried.image, tried.weights).to(plan.device)
    photos = partial(one_by_one, backbone, transforms(tried.image), [photo for _, photo in pairs])
    return partial(_side_by_side, titles, photos, plan)


def _side_by_side(titles: partial[Rows], photos: partial[Rows], plan: Plan) -> Rows:
    return _unit(titles(plan.device), photos(plan.device))
