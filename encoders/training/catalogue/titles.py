"""Titles as sellers write them: in their own order, shortened, misspelt, decorated, or hardly at all."""

from __future__ import annotations

from encoders.training.catalogue.goods import COLOURS
from encoders.training.catalogue.products import Product
from encoders.training.catalogue.sellers import Seller
from encoders.training.dice import Dice

ORDERS: tuple[str, ...] = (
    "{brand} {model} {noun} {feature} {colour} {size}",
    "{noun} {brand} {model}, {size}, {colour}",
    '{brand} {noun} "{model}" {size} {colour}',
    "{colour} {noun} {brand} {model} {feature} {size}",
    "{model} {noun} by {brand} - {size} - {colour}",
    "{brand} {model} ({colour}, {size}) {noun} {feature}",
    "{noun} {colour} {size} {brand} {model}",
    "{brand} - {model} - {noun} {feature} - {colour}",
)

_KEEPS_HABIT = 0.8
_REMAINS = {'""': "", "(, ": "(", ", )": ")", "()": "", " by -": " -", " ,": ",", ",,": ",", "- -": "-"}
_NOISE = ("NEW!", "free shipping", "orig.", "TOP", "!! SALE !!", "* 2 years warranty *", "boxed", "best price")
_LETTERS = {1: ("S", "small"), 2: ("M", "medium"), 3: ("L", "large"), 4: ("XL", "x-large")}
_SPELLINGS = {
    "EU": ("EU {n}", "size {n}", "sz. {n}", "EUR {n}", "{n}"),
    "GB": ("{n} GB", "{n}GB", "{n}gb", "{n} G"),
    "cm": ("{n} cm", "{n}cm", "{mm} mm", "{n} CM"),
    "mm": ("{n} mm", "{n}mm"),
    "l": ("{n} l", "{n}L", "{n} litres", "{n} ltr"),
    "ml": ("{n} ml", "{n}ml", "{litres} l", "{litres}L"),
}


def write_title(product: Product, seller: Seller, dice: Dice) -> str:
    """The title this seller gives this product, telling what the seller's care lets it tell."""
    if dice.chance(seller.bare_title):
        return bare_title(product, dice)
    order = ORDERS[seller.order] if dice.chance(_KEEPS_HABIT) else dice.one_of(ORDERS)
    title = _tidy(order.format(**_fields(product, seller, dice))) or bare_title(product, dice)
    if dice.chance(0.3 * (1 - seller.care)):
        title = _misspelt(title, dice)
    if dice.chance(0.5 * (1 - seller.care)):
        title = _decorated(title, dice)
    return title.upper() if seller.shouts else title


def bare_title(product: Product, dice: Dice) -> str:
    """What somebody writes who leaves everything to the photograph."""
    noun, colour = dice.one_of(product.model.category.nouns), dice.one_of(COLOURS[product.colour][1])
    return dice.pick(noun, f"{noun} {colour}", f"{colour} {noun}", f"nice {noun}")


def spell_size(size: int, unit: str, dice: Dice) -> str:
    """A size in one of the spellings of its unit: 1500 ml is also 1.5 l."""
    if unit == "letter":
        return dice.one_of(_LETTERS[size])
    return dice.one_of(_SPELLINGS[unit]).format(n=size, mm=size * 10, litres=f"{size / 1000:g}")


def _fields(product: Product, seller: Seller, dice: Dice) -> dict[str, str]:
    """What goes into the title; each field is left out the more often the less care is taken."""
    model, haste = product.model, 1 - seller.care
    size = "" if product.size is None else spell_size(product.size, model.category.unit, dice)
    values = {
        "brand": (model.brand, 0.15 * haste),
        "model": (_spell_model(model.name, dice), 0.01 + 0.15 * haste),
        "noun": (dice.one_of(model.category.nouns), 0.1),
        "colour": (dice.one_of(COLOURS[product.colour][1]), 0.05 + 0.2 * haste),
        "size": (size, 0.05 + 0.2 * haste),
        "feature": (dice.one_of(model.category.features), 0.5),
    }
    return {name: "" if dice.chance(left_out) else text for name, (text, left_out) in values.items()}


def _spell_model(name: str, dice: Dice) -> str:
    """Now and then 'KX-410' is written 'KX410' and 'Alto 300' 'Alto300'."""
    return dice.pick(name.replace("-", " "), name.replace("-", "").replace(" ", "")) if dice.chance(0.08) else name


def _tidy(title: str) -> str:
    """Remove what stays behind of fields that were left out."""
    title = " ".join(title.split())
    for remains, instead in _REMAINS.items():
        title = " ".join(title.replace(remains, instead).split())
    return title.replace("- -", "-").removesuffix(" by").strip(" ,-")


def _misspelt(title: str, dice: Dice) -> str:
    """One letter lost, doubled or swapped with the next; titles are left alone where the place is no letter."""
    place = dice.count(1, max(1, len(title) - 3))
    if not title[place : place + 2].isalpha():
        return title
    first, second = title[place], title[place + 1 : place + 2]
    return title[:place] + dice.pick(second, first + first + second, second + first) + title[place + 2 :]


def _decorated(title: str, dice: Dice) -> str:
    noise = dice.one_of(_NOISE)
    return dice.pick(f"{noise} {title}", f"{title} {noise}")
