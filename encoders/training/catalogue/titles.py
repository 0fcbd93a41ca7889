"""Titles as sellers write them: in their own order, shortened, misspelt, decorated, or hardly at all."""

from __future__ import annotations

import numpy as np

from encoders.training.catalogue.goods import COLOURS
from encoders.training.catalogue.products import Product
from encoders.training.catalogue.sellers import Seller

ORDERS: tuple[str, ...] = (
    "{brand} {model} {noun} {feature} {colour} {size}",
    "{noun} {brand} {model}, {size}, {colour}",
    "{brand} {noun} \"{model}\" {size} {colour}",
    "{colour} {noun} {brand} {model} {feature} {size}",
    "{model} {noun} by {brand} - {size} - {colour}",
    "{brand} {model} ({colour}, {size}) {noun} {feature}",
    "{noun} {colour} {size} {brand} {model}",
    "{brand} - {model} - {noun} {feature} - {colour}",
)  # fmt: skip

_NOISE = ("NEW!", "free shipping", "orig.", "TOP", "!! SALE !!", "* 2 years warranty *", "fast delivery", "boxed", "best price", "from shop")
_LETTERS = {1: ("S", "small"), 2: ("M", "medium"), 3: ("L", "large"), 4: ("XL", "x-large")}
_SIZE_SPELLINGS = {
    "EU": ("EU {n}", "size {n}", "sz. {n}", "EUR {n}", "{n}"),
    "GB": ("{n} GB", "{n}GB", "{n}gb", "{n} G"),
    "cm": ("{n} cm", "{n}cm", "{mm} mm", "{n} CM"),
    "mm": ("{n} mm", "{n}mm"),
    "l": ("{n} l", "{n}L", "{n} litres", "{n} ltr"),
    "ml": ("{n} ml", "{n}ml", "{litres} l", "{litres}L"),
}


def write_title(product: Product, seller: Seller, rng: np.random.Generator) -> str:
    """The title this seller gives this product, telling what the seller's care lets it tell."""
    if rng.random() < seller.bare_title:
        return bare_title(product, rng)
    words = _fields(product, seller, rng)
    order = seller.order if rng.random() < 0.8 else int(rng.integers(len(ORDERS)))  # noqa: PLR2004 - habits are kept four times in five
    title = _tidy(ORDERS[order % len(ORDERS)].format(**words)) or bare_title(product, rng)
    if rng.random() < 0.5 * (1 - seller.care):
        title = _misspelt(title, rng)
    if rng.random() < 0.7 * (1 - seller.care):
        title = _decorated(title, rng)
    return title.upper() if seller.shouts else title


def bare_title(product: Product, rng: np.random.Generator) -> str:
    """What somebody writes who leaves everything to the photograph."""
    noun, colour = _pick(product.model.category.nouns, rng), _pick(COLOURS[product.colour][1], rng)
    return _pick((noun, f"{noun} {colour}", f"{colour} {noun}", f"nice {noun}"), rng)


def spell_size(size: int, unit: str, rng: np.random.Generator) -> str:
    """A size in one of the spellings of its unit: 1500 ml is also 1.5 l."""
    if unit == "letter":
        return _pick(_LETTERS[size], rng)
    return _pick(_SIZE_SPELLINGS[unit], rng).format(n=size, mm=size * 10, litres=f"{size / 1000:g}")


def _fields(product: Product, seller: Seller, rng: np.random.Generator) -> dict[str, str]:
    """What goes into the title; each field is left out the more often the less care is taken."""
    model, haste = product.model, 1 - seller.care
    size = "" if product.size is None else spell_size(product.size, model.category.unit, rng)
    return {
        "brand": _unless(model.brand, 0.3 * haste, rng),
        "model": _unless(_model_spelling(model.name, rng), 0.03 + 0.3 * haste, rng),
        "noun": _unless(_pick(model.category.nouns, rng), 0.1, rng),
        "colour": _unless(_pick(COLOURS[product.colour][1], rng), 0.1 + 0.35 * haste, rng),
        "size": _unless(size, 0.05 + 0.3 * haste, rng),
        "feature": _unless(_pick(model.category.features, rng), 0.5, rng),
    }


def _model_spelling(name: str, rng: np.random.Generator) -> str:
    """Now and then 'KX-410' is written 'KX410' and 'Alto 300' 'Alto300'."""
    if rng.random() < 0.85:  # noqa: PLR2004 - mostly as the maker writes it
        return name
    return name.replace("-", "" if rng.random() < 0.5 else " ") if "-" in name else name.replace(" ", "")  # noqa: PLR2004 - a coin


def _unless(text: str, share: float, rng: np.random.Generator) -> str:
    return "" if rng.random() < share else text


def _tidy(title: str) -> str:
    """Remove what stays behind of fields that were left out."""
    title = " ".join(title.split())
    for gone, instead in (('""', ""), ("()", ""), ("(, )", ""), ("by - ", "- ")):
        title = title.replace(gone, instead)
    title = " ".join(title.split())
    for before, after in ((" ,", ","), (",,", ","), ("(,", "("), (", )", ")"), ("( ", "(")):
        title = title.replace(before, after)
    while "- -" in title:
        title = title.replace("- -", "-")
    return title.strip(" ,-")


def _misspelt(title: str, rng: np.random.Generator) -> str:
    """One letter lost, doubled or swapped with the next."""
    place = int(rng.integers(1, max(2, len(title) - 2)))
    if not title[place : place + 2].isalpha():
        return title
    first, second = title[place], title[place + 1 : place + 2]
    return title[:place] + _pick((second, first + first + second, second + first), rng) + title[place + 2 :]


def _decorated(title: str, rng: np.random.Generator) -> str:
    noise = _pick(_NOISE, rng)
    return f"{noise} {title}" if rng.random() < 0.5 else f"{title} {noise}"  # noqa: PLR2004 - a coin


def _pick(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
