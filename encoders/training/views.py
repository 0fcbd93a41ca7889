"""Training material: each look photographed by several of the generated sellers, as one tensor."""

from __future__ import annotations

import io
from collections.abc import Callable
from colorsys import rgb_to_hsv
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from encoders.training.catalogue.products import generate_products
from encoders.training.catalogue.sellers import Seller, generate_sellers
from encoders.training.dice import Dice
from encoders.training.drawing import Look, paint, photograph

_SELLERS = 60
_CAMERA_STREAM = 4


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Photographs of looks, all at one size.

    Args:
        pixels: (looks, views, 3, side, side) uint8.
        orders: (orders, looks) numbers of looks, in orders that have what is hard to tell apart side
            by side: of one category and model, and of one category and colour.
    """

    pixels: Tensor
    orders: Tensor

    @property
    def looks(self) -> int:
        """How many things that can be told apart by sight."""
        return self.pixels.shape[0]


def photograph_looks(looks: int, views: int, side: int, seed: int, done: Callable[[], None] = lambda: None) -> Views:
    """Photograph the first `looks` looks of the catalogue of that seed `views` times each, at `side` pixels.

    Args:
        looks: how many.
        views: photographs of each, by as many sellers.
        side: pixels to which photographs are made smaller.
        seed: of the catalogue.
        done: called after each look.
    """
    sellers = generate_sellers(_SELLERS, seed)
    pixels = np.empty((looks, views, side, side, 3), dtype=np.uint8)
    chosen = _distinct_looks(looks, seed)
    for number, look in enumerate(chosen):
        dice = Dice(seed, _CAMERA_STREAM, number)
        pixels[number] = _views(look, sellers, (views, side), dice)
        done()
    return Views(torch.from_numpy(pixels).permute(0, 1, 4, 2, 3), _orders(chosen))


def _distinct_looks(looks: int, seed: int) -> list[Look]:
    wanted = looks
    while True:
        found = list(dict.fromkeys(product.look for product in generate_products(wanted, seed)))
        if len(found) >= looks:
            return found[:looks]
        wanted *= 2


def _orders(looks: list[Look]) -> Tensor:
    def by_model(number: int) -> tuple[str, int]:
        return looks[number].category, looks[number].shape

    def by_colour(number: int) -> tuple[str, float]:
        return looks[number].category, rgb_to_hsv(*looks[number].body)[0]

    return torch.tensor([sorted(range(len(looks)), key=by_model), sorted(range(len(looks)), key=by_colour)])


def _views(look: Look, sellers: list[Seller], shape: tuple[int, int], dice: Dice) -> NDArray[np.uint8]:
    thing, (views, side) = paint(look), shape
    photos = [photograph(thing, seller.camera, dice) for seller in dice.shuffled(sellers)[:views]]
    return np.stack([np.asarray(_decoded(photo, side)) for photo in photos])


def _decoded(photo: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(photo)) as image:
        return image.resize((side, side), Image.Resampling.BILINEAR)
