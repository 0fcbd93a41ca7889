"""A small CLIP made from a configuration, trained on photos with their titles and saved as published ones are."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from fakes.tiny_duals import clip_tokenizer
from PIL import Image
from torch import Tensor
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor, CLIPTokenizer

from encoders.training.catalogue import GeneratedListing

SIDE, PATCH, WIDTH = 64, 16, 128
_BATCH = 64
_RATE, _DECAY, _WARM_UP = 1e-3, 0.05, 0.1
_TOKENS = 40
_SMALL = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_attention_heads": 4}


def train_clip(listings: Sequence[GeneratedListing], folder: Path, seed: int, epochs: int) -> None:
    """Train on listings that have both a photo and a title, and save model, tokenizer and processor.

    Args:
        listings: of products that nothing else is trained or measured on.
        folder: to save to.
        seed: of weights and order.
        epochs: in each, every product is seen once, in one of its listings.
    """
    torch.manual_seed(seed)
    both = [one for one in listings if one.image and one.title]
    tokenizer = clip_tokenizer(sorted({word for one in both for word in re.findall("[a-z]+", one.title.lower())}))
    images = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    model = CLIPModel(_configured(tokenizer))
    _learn(model, _inputs(both, tokenizer, images), _products(both), seed, epochs)
    model.eval().save_pretrained(folder)
    CLIPProcessor(images, tokenizer).save_pretrained(folder)


def _configured(tokenizer: CLIPTokenizer) -> CLIPConfig:
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    text = {**_SMALL, "num_hidden_layers": 2, "vocab_size": len(tokenizer), "max_position_embeddings": 77, **ids}
    vision = {**_SMALL, "num_hidden_layers": 3, "image_size": SIDE, "patch_size": PATCH}
    return CLIPConfig(text_config=text, vision_config=vision, projection_dim=WIDTH)


def _inputs(
    both: Sequence[GeneratedListing], tokenizer: CLIPTokenizer, images: CLIPImageProcessorPil
) -> dict[str, Tensor]:
    photos = [Image.open(io.BytesIO(one.image)).convert("RGB") for one in both]
    words = tokenizer(
        [one.title for one in both], padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt"
    )
    return {"pixel_values": images(photos, return_tensors="pt")["pixel_values"], **words}


def _products(both: Sequence[GeneratedListing]) -> list[np.ndarray]:
    labels = np.array([one.product_id for one in both])
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def _learn(model: CLIPModel, inputs: dict[str, Tensor], products: Sequence[np.ndarray], seed: int, epochs: int) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=_DECAY)
    total = epochs * (len(products) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rising_then_falling(total))
    model.train()
    for places in _batches(products, seed, epochs):
        loss = model(**{name: part[places] for name, part in inputs.items()}, return_loss=True).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def _rising_then_falling(total: int) -> Callable[[int], float]:
    warm = max(int(_WARM_UP * total), 1)
    return lambda step: min((step + 1) / warm, 0.5 * (1 + math.cos(math.pi * min(step / total, 1.0))))


def _batches(products: Sequence[np.ndarray], seed: int, epochs: int) -> Iterator[Tensor]:
    """One listing of each product at a time: two of one product would be held against each other."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        places = [rng.choice(products[i]) for i in rng.permutation(len(products))]
        for start in range(0, len(places) - _BATCH + 1, _BATCH):
            yield torch.tensor(places[start : start + _BATCH])
