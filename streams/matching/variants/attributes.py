"""What an attribute states, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from streams.matching.variants.amounts import pack
from streams.matching.variants.colours import BY_ATTRIBUTE, BY_CATEGORY, colours
from streams.matching.variants.counted import amounts_in
from streams.matching.variants.gtin import normalised_gtin
from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.measures import number_of
from streams.matching.variants.models import stated_model
from streams.matching.variants.sizes import size_at
from streams.matching.variants.tokens import Sort, folded, tokens_of
from streams.matching.variants.units import roles
from streams.matching.variants.values import Stated, Value
from streams.matching.variants.words import name_of, names, table

Reader = Callable[[str], Iterator[Stated]]


def of_attribute(name: str, text: str) -> Iterator[Stated]:
    """What an attribute states; one whose name says nothing special states the amounts in it.

    A bare number has the unit that its name ends with: 'capacity_ml: 500'.
    """
    plain = name_of(name)
    reader = _readers().get(plain)
    if reader is not None:
        yield from reader(text)
        return
    unit = plain.rpartition(" ")[2] if text.replace(".", "").replace(",", "").strip().isdecimal() else ""
    yield from amounts_in(tokens_of(folded(f"{_role_in(plain)}{text} {unit}")), set())


def _role_in(name: str) -> str:
    """The word of a name that says what its amounts are of: of 'item width' that one."""
    tokens = tokens_of(name)
    return next((f"{token.text}: " for place, token in enumerate(tokens) if roles().find(tokens, place)), "")


def _gtin(text: str) -> Iterator[Stated]:
    gtin = normalised_gtin(text)
    if gtin is not None:
        yield (VetoKind.GTIN, ""), Value(gtin)


def _model(text: str) -> Iterator[Stated]:
    return (((VetoKind.MODEL, ""), model) for model in stated_model(folded(text)))


def _colour(text: str) -> Iterator[Stated]:
    """Compared with other attributes always, and with titles where the category counts colours."""
    return ((place, colour) for colour in colours(tokens_of(folded(text))) for place in (BY_ATTRIBUTE, BY_CATEGORY))


def _pack(text: str) -> Iterator[Stated]:
    tokens = tokens_of(folded(text))
    if len(tokens) == 1 and tokens[0].sort is Sort.NUMBER:
        return pack(number_of(tokens[0].text))
    return amounts_in(tokens, set())


def _size(text: str) -> Iterator[Stated]:
    tokens = tokens_of(folded(text))
    taken: set[int] = set()
    yield from amounts_in(tokens, taken)
    if 0 not in taken:
        yield from size_at(tokens, 0, taken, local=True)


@cache
def _readers() -> dict[str, Reader]:
    """Readers by the attribute's name; where tables overlap, the first counts."""
    rows: list[tuple[frozenset[str], Reader]] = [
        (names(table("packs")["attributes"]), _pack),
        (names(table("sizes")["attributes"]), _size),
        (names(table("colours")["attributes"]), _colour),
        (names(table("models")["attributes"]), _model),
        (names(table("models")["gtins"]), _gtin),
    ]
    return {name: reader for some, reader in reversed(rows) for name in some}
