"""Catalogues in which what tells products apart is hidden under noise: whoever learns to look past it finds them.

Each is small enough to be learned in a moment, and the noise is the same for all products, so that what was learned
on some helps with others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image

from encoders.bundle import Bundle
from encoders.training.data import Example, Examples
from encoders.training.looping import Course
from encoders.training.order import Order
from encoders.training.recipes import RecipeName
from encoders.types import Modality, Numeric

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}
THINGS = ("shoe", "shirt", "phone", "camera")
SIZES = ("8", "64")
NOISE = ("for", "with", "gb", "a", "case")
SIZE = {Modality.IMAGE: 12, Modality.TEXT: 10}
FUSED_SIZE = {**SIZE, Modality.JOINT_IMAGE: 9, Modality.JOINT_TEXT: 9}
"""With a dual encoder beside them."""
_TELLING = 4


def named(listings: int = 4, seed: int = 0) -> Examples:
    """Sixteen products of colour, thing and size, in titles with five words that mean nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for number, words in enumerate(product(COLOURS, THINGS, SIZES)):
        for copy in range(listings):
            title = rng.permutation([*words, *rng.choice(NOISE, 5)])
            found.append(Example(f"{number:02d}-{copy}", " ".join(words), " ".join(title), category=words[1]))
    return Examples.of(found)


def photographed(folder: Path, products: int = 16, listings: int = 4, seed: int = 0) -> Examples:
    """Products that differ in a square's colour, before backgrounds of any colour."""
    rng = np.random.default_rng(seed)
    colours = rng.permutation([(r, g, b) for r, g, b in product((0, 90, 170, 255), repeat=3)])[:products]
    found = []
    for number, copy in product(range(products), range(listings)):
        pixels = np.full((40, 40, 3), rng.integers(0, 256, 3), dtype=np.uint8)
        pixels[8:32, 8:32] = colours[number]
        path = folder / f"{number:02d}-{copy}.png"
        Image.fromarray(pixels).save(path)
        found.append(Example(path.stem, f"product {number}", image=path))
    return Examples.of(found)


def looked_at(
    products: int = 24, listings: int = 4, seed: int = 0, sizes: Mapping[Modality, int] = MappingProxyType(SIZE)
) -> Examples:
    """Rows of frozen encoders: four directions tell products apart, in each modality others, the rest is noise."""
    rng = np.random.default_rng(seed)
    turns = {modality: np.linalg.qr(rng.normal(size=(size, size)))[0] for modality, size in sizes.items()}
    found = []
    for number in range(products):
        telling = rng.normal(size=_TELLING)
        for copy in range(listings):
            rows = {modality: _row(telling, turn, rng) for modality, turn in turns.items()}
            numbers = {Numeric.LOG_PRICE: number % 5 + rng.normal() / 9, Numeric.WORDS: rng.normal()}
            one = Example(f"{number:02d}-{copy}", f"product {number}", category=f"{number % 3}")
            found.append(replace(one, rows=rows, numbers=numbers))
    return Examples.of(found)


def looked_at_by_both(**sizes: int) -> Examples:
    """Likewise, with the rows of a dual encoder beside those of the others."""
    return looked_at(**sizes, sizes=FUSED_SIZE)


def _row(telling: np.ndarray, turn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    row = turn @ np.concatenate([telling, rng.normal(size=len(turn) - _TELLING)])
    return (row / np.linalg.norm(row)).astype(np.float32)


def changed(examples: Examples, change: Callable[[Example], Example | None]) -> Examples:
    """The same with each listing changed, or left out."""
    return Examples.of(one for each in examples.all if (one := change(each)) is not None)


def order(recipe: str, base: Bundle, folder: Path, epochs: int, **settings: Any) -> Order:
    """To train on one CPU thread."""
    name = RecipeName(recipe)
    return Order(
        recipe=name,
        base=base,
        modalities=(Modality.TEXT,),
        settings=name.settings(**settings),
        course=Course(precision="fp32", patience=None),
        epochs=epochs,
        held_out=0.3,
        device=torch.device("cpu"),
        threads=1,
        folder=folder,
        draws=False,
    )


def content(bundle: Path) -> Mapping[str, bytes]:
    """Every file of a folder, to compare it bit by bit."""
    return {str(path.relative_to(bundle)): path.read_bytes() for path in sorted(bundle.rglob("*")) if path.is_file()}
