"""Generated products, one photo and one title each, and a tiny dual encoder that was taught which belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import torch
from transformers import AutoModel, AutoProcessor

from encoders.models.quiet import quietly
from encoders.photos import decode_image
from encoders.training.catalogue.products import Product, generate_products
from encoders.training.dice import Dice
from encoders.training.drawing import CameraStyle, paint, photograph

_SEED = 12
_LEARNING_RATE = 2e-3


@dataclass(frozen=True, slots=True)
class Shown:
    """One product: what a seller says of it, and its photo as a file."""

    title: str
    photo: bytes


def shown_products(products: int) -> list[Shown]:
    """So many products that look and are called differently from one another."""
    chosen: dict[tuple[object, str], Product] = {}
    taken: set[object] = set()
    for product in generate_products(products * 3, _SEED):
        title = _title(product)
        if taken.isdisjoint({product.look, title}):
            taken |= {product.look, title}
            chosen[product.look, title] = product
    first = zip(chosen.items(), range(products), count(), strict=False)
    return [Shown(title, _photo(product, number)) for ((_, title), product), _, number in first]


def _title(product: Product) -> str:
    model = product.model
    return f"{model.brand} {model.name} {model.category.nouns[0]} {product.colour}"


def _photo(product: Product, number: int) -> bytes:
    return photograph(paint(product.look), CameraStyle(seed=number, care=0.9), Dice(_SEED, number))


def words_of(shown: Sequence[Shown]) -> list[str]:
    """Each word of their titles once, as a tokenizer's vocabulary has it."""
    return list(dict.fromkeys(word for one in shown for word in one.title.lower().replace("-", " ").split()))


def teach(folder: Path, shown: Sequence[Shown], steps: int) -> None:
    """Train the model of that folder by its own contrastive loss, and save it there as it was laid out."""
    with quietly():
        model, processor = AutoModel.from_pretrained(folder).train(), AutoProcessor.from_pretrained(folder)
    padding = {"padding": "max_length", "max_length": 64} if "siglip" in model.config.model_type else {"padding": True}
    photos = [decode_image(one.photo) for one in shown]
    inputs = processor(text=[one.title for one in shown], images=photos, return_tensors="pt", **padding)
    torch.manual_seed(_SEED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE)
    for _ in range(steps):
        optimizer.zero_grad()
        model(**inputs, return_loss=True).loss.backward()
        optimizer.step()
    with quietly():
        model.save_pretrained(folder)
