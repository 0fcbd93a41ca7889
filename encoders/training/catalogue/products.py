"""Generated products: families of variants, models that look alike, and models with nearly the same name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice, product

import numpy as np

from encoders.training.catalogue.goods import BRANDS, CATEGORIES, COLOURS, MODEL_STEMS, Category, Colour
from encoders.training.drawing.paint import Look

_LOOK_ALIKE = 0.15
_NEAR_NAME = 0.12


@dataclass(frozen=True, slots=True)
class Model:
    """What one maker sells under one name, in colours and sizes."""

    brand: str
    name: str
    category: Category
    shape: int
    base_price: float


@dataclass(frozen=True, slots=True)
class Product:
    """The real thing that listings are about: a model in one colour and one size.

    Args:
        product_id: the truth that matches are measured against.
        size: in the category's unit, or None if there is one size only.
        look: what can be seen; sizes of one model in one colour share it.
        price: usual price.
        gtin: 13 digits with a valid check digit, in the range for use inside a company.
    """

    product_id: str
    model: Model
    colour: str
    size: int | None
    look: Look
    price: float
    gtin: str


def generate_products(products: int, seed: int) -> list[Product]:
    """So many products; the same seed gives the same ones, and the first of many are the few."""
    rng = np.random.default_rng([seed, 0])
    return list(islice(_products(seed, rng), products))


def _products(seed: int, rng: np.random.Generator) -> Iterator[Product]:
    numbers = count(1)
    models: list[Model] = []
    while True:
        models.append(_new_model(models, rng))
        for look, colour, size, step in _variants(models[-1], rng):
            number = next(numbers)
            price = models[-1].base_price * (1 + 0.18 * step)
            yield Product(f"p{seed}-{number}", models[-1], colour, size, look, price, gtin(seed, number))


def _new_model(models: list[Model], rng: np.random.Generator) -> Model:
    """A model of its own, one that looks like another maker's, or another number of the same maker's line."""
    dice = rng.random()
    if models and dice < _LOOK_ALIKE:
        twin = models[int(rng.integers(len(models)))]
        return replace(twin, brand=_other_brand(twin.brand, rng), name=_model_name(rng), base_price=twin.base_price * rng.uniform(0.6, 1.1))
    if models and dice < _LOOK_ALIKE + _NEAR_NAME:
        sibling = models[int(rng.integers(len(models)))]
        name = f"{sibling.name.split()[0]} {_suffix(rng)}"
        if all((m.brand, m.name) != (sibling.brand, name) for m in models):
            return replace(sibling, name=name, shape=_shape(rng), base_price=sibling.base_price * rng.uniform(0.8, 1.5))
    category = CATEGORIES[int(rng.integers(len(CATEGORIES)))]
    return Model(_pick(BRANDS, rng), _model_name(rng), category, _shape(rng), float(rng.uniform(*category.prices)))


def _variants(model: Model, rng: np.random.Generator) -> Iterator[tuple[Look, str, int | None, int]]:
    """Some of the model's colours times some of its sizes; the step says how far up the sizes."""
    colours = rng.permutation(list(COLOURS))[: rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2])].tolist()
    wanted = int(rng.choice([1, 2, 3], p=[0.55, 0.3, 0.15]))
    start = int(rng.integers(max(1, len(model.category.sizes) - wanted + 1)))
    steps: list[int | None] = list(range(start, min(start + wanted, len(model.category.sizes)))) or [None]
    looks = {colour: _look(model, colour, rng) for colour in colours}
    for colour, step in product(colours, steps):
        yield looks[colour], colour, None if step is None else model.category.sizes[step], step or 0


def _look(model: Model, colour: str, rng: np.random.Generator) -> Look:
    accent = COLOURS[_pick([name for name in COLOURS if name != colour], rng)][0]
    return Look(model.category.name, model.shape, model.brand, _tinted(COLOURS[colour][0], rng), _tinted(accent, rng))


def _tinted(colour: Colour, rng: np.random.Generator) -> Colour:
    red, green, blue = np.clip(np.array(colour) + rng.normal(0, 9, 3), 0, 255).astype(int).tolist()
    return red, green, blue


def _model_name(rng: np.random.Generator) -> str:
    if rng.random() < 0.25:  # noqa: PLR2004 - a quarter are bare codes
        letters = "".join(_pick(tuple("ABCDFGHKLMNPRSTVX"), rng) for _ in range(2))
        return f"{letters}-{int(rng.integers(10, 999)) * 10}"
    stem = _pick(MODEL_STEMS, rng)
    return stem if rng.random() < 0.4 else f"{stem} {_suffix(rng)}"  # noqa: PLR2004 - the rest have a number or a word


def _suffix(rng: np.random.Generator) -> str:
    return _pick(("II", "III", "Pro", "Lite", "Mini", "Plus", "100", "200", "300", "500", "X2", "S"), rng)


def _other_brand(brand: str, rng: np.random.Generator) -> str:
    return _pick([other for other in BRANDS if other != brand], rng)


def _pick(options: tuple[str, ...] | list[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _shape(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def gtin(seed: int, number: int) -> str:
    """A GTIN-13 beginning with 2: never one that a shop could have been given."""
    body = f"2{seed % 10**5:05d}{number % 10**6:06d}"
    return body + str(check_digit(body))


def check_digit(body: str) -> int:
    """The digit that completes the first twelve of a GTIN-13.

    Source: GS1 General Specifications, section 7.9.
    """
    return -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
