"""Generated products: families of variants, models that look alike, and models with nearly the same name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice, product

from encoders.training.catalogue.goods import BRANDS, CATEGORIES, COLOURS, MODEL_STEMS, Category, Colour
from encoders.training.dice import Dice
from encoders.training.drawing.paint import Look

_LOOK_ALIKE = 0.1
_NEAR_NAME = 0.1
_BARE_CODE = 0.25
_ONE_TWO_THREE_COLOURS = (0.7, 0.22, 0.08)
_ONE_TWO_THREE_SIZES = (0.92, 0.06, 0.02)
_SUFFIXES = ("II", "III", "Pro", "Lite", "Mini", "Plus", "100", "200", "300", "500", "X2", "S")


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
    return list(islice(_products(seed, Dice(seed, 0)), products))


def _products(seed: int, dice: Dice) -> Iterator[Product]:
    numbers = count(1)
    models: list[Model] = []
    while True:
        model = _new_model(models, dice)
        models.append(model)
        for look, colour, step in _variants(model, dice):
            number = next(numbers)
            size = None if step is None else model.category.sizes[step]
            price = model.base_price * (1 + 0.18 * (step or 0))
            yield Product(f"p{seed}-{number}", model, colour, size, look, price, gtin(seed, number))


def _new_model(models: list[Model], dice: Dice) -> Model:
    """A model of its own, one that looks like another maker's, or another number of the same maker's line."""
    if models and dice.chance(_LOOK_ALIKE):
        twin = dice.one_of(models)
        brand = dice.one_of([other for other in BRANDS if other != twin.brand])
        return replace(twin, brand=brand, name=_model_name(dice), base_price=twin.base_price * dice(0.6, 1.1))
    if models and dice.chance(_NEAR_NAME):
        sibling = dice.one_of(models)
        name = f"{sibling.name.split()[0]} {dice.one_of(_SUFFIXES)}"
        if all((model.brand, model.name) != (sibling.brand, name) for model in models):
            return replace(sibling, name=name, shape=dice.seed(), base_price=sibling.base_price * dice(0.8, 1.5))
    category = dice.one_of(CATEGORIES)
    return Model(dice.one_of(BRANDS), _model_name(dice), category, dice.seed(), dice(*category.prices))


def _variants(model: Model, dice: Dice) -> Iterator[tuple[Look, str, int | None]]:
    """Some of the model's colours times some of its sizes, a size as its place among the category's."""
    colours = dice.shuffled(COLOURS)[: 1 + dice.weighted(_ONE_TWO_THREE_COLOURS)]
    sizes, wanted = len(model.category.sizes), 1 + dice.weighted(_ONE_TWO_THREE_SIZES)
    start = dice.count(0, max(0, sizes - wanted))
    steps: list[int] | list[None] = list(range(start, min(start + wanted, sizes))) or [None]
    looks = {colour: _look(model, colour, dice) for colour in colours}
    for colour, step in product(colours, steps):
        yield looks[colour], colour, step


def _look(model: Model, colour: str, dice: Dice) -> Look:
    accent = dice.one_of([name for name in COLOURS if name != colour])
    body, trim = (_tinted(COLOURS[name][0], dice) for name in (colour, accent))
    return Look(model.category.name, model.shape, model.brand, body, trim)


def _tinted(colour: Colour, dice: Dice) -> Colour:
    red, green, blue = (round(min(max(channel + dice.normal(0, 9), 0), 255)) for channel in colour)
    return red, green, blue


def _model_name(dice: Dice) -> str:
    if dice.chance(_BARE_CODE):
        letters = "ABCDFGHKLMNPRSTVX"
        return f"{dice.one_of(letters)}{dice.one_of(letters)}-{dice.count(10, 998) * 10}"
    stem = dice.one_of(MODEL_STEMS)
    return stem if dice.chance(0.4) else f"{stem} {dice.one_of(_SUFFIXES)}"


def gtin(seed: int, number: int) -> str:
    """A GTIN-13 beginning with 2: never one that a shop could have been given."""
    body = f"2{seed % 10**5:05d}{number % 10**6:06d}"
    return body + str(check_digit(body))


def check_digit(body: str) -> int:
    """The digit that completes the first twelve of a GTIN-13.

    Source: GS1 General Specifications, section 7.9.
    """
    return -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
