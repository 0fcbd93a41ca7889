"""What a listing's words state, kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from streams.matching.details import Details
from streams.matching.variants.attributes import of_attribute
from streams.matching.variants.categories import Category, category_of
from streams.matching.variants.colours import BY_CATEGORY, colours
from streams.matching.variants.counted import amounts_in
from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.models import models
from streams.matching.variants.sizes import sizes
from streams.matching.variants.tokens import folded, squeezed, tokens_of
from streams.matching.variants.values import Place, Stated, Value

_KEPT = 2**16
"""Listings whose facts are remembered: those of a batch and around it come up again and again."""
_MOST_LETTERS = 5_000
"""Of all attributes together."""
_MOST_VALUES = 40
"""In one place; who states more states nothing that can be compared."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a listing states that can tell it from another variant of the product.

    Args:
        sets: the values of every kind, as reasons show them; empty where nothing is stated.
        values: what is compared with what; colours only where they count.
        text: the title's letters and digits: a model number that is written apart is found in it.
    """

    sets: Mapping[VetoKind, frozenset[str]]
    values: Mapping[Place, tuple[Value, ...]]
    text: str


@lru_cache(maxsize=_KEPT)
def facts_of(details: Details) -> Facts:
    """What a listing's title, attributes, GTIN, brand and category state."""
    title = folded(details.title)
    category = category_of(details.category)
    found: dict[Place, dict[str, Value]] = {}
    for place, value in chain(_of_title(title, details.brand, category), _of_attributes(details)):
        found.setdefault(place, {}).setdefault(value.shown, value)
    values = {place: tuple(some.values()) for place, some in found.items() if len(some) <= _MOST_VALUES}
    counting = {place: some for place, some in values.items() if _counts(place, category)}
    return Facts(_sets(values), counting, squeezed(title))


def _of_title(title: str, brand: str, category: Category) -> Iterator[Stated]:
    tokens = tokens_of(title)
    taken: set[int] = set()
    yield from amounts_in(tokens, taken)
    yield from sizes(tokens, taken, clothes=category.clothes, unknown=not category.known)
    yield from ((BY_CATEGORY, colour) for colour in colours(tokens))
    names = frozenset(squeezed(word) for word in folded(brand).split())
    yield from (((VetoKind.MODEL, ""), model) for model in models(tokens, taken, names))


def _of_attributes(details: Details) -> Iterator[Stated]:
    yield from of_attribute("gtin", details.gtin)
    left = _MOST_LETTERS
    for name, value in details.attributes:
        left -= len(name) + len(value)
        if left < 0:
            return
        yield from of_attribute(name, value)


def _counts(place: Place, category: Category) -> bool:
    """Whether values there are compared: colours of titles only where the category says so."""
    return place != BY_CATEGORY or category.coloured


def _sets(values: Mapping[Place, Iterable[Value]]) -> dict[VetoKind, frozenset[str]]:
    sets: dict[VetoKind, set[str]] = {kind: set() for kind in VetoKind}
    for (kind, _), some in values.items():
        sets[kind].update(value.shown for value in some)
    return {kind: frozenset(some) for kind, some in sets.items()}
