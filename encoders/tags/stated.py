"""What sellers state of what tags tell: the truth that cuts are chosen by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from encoders.tags.reading import TagList

_OTHER_NAMES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "category": frozenset({"type", "product type", "kind"}),
        "colour": frozenset({"color", "main colour", "main color", "colour name", "color name"}),
        "material": frozenset({"materials", "fabric"}),
        "pattern": frozenset({"print", "design"}),
        "style": frozenset(),
        "use": frozenset({"usage", "purpose", "occasion"}),
    }
)
"""What else the attribute may be called that a list is about."""

_OF_THE_LISTING: Final = "category"
"""The field of a listing that states what the list of this name tells."""
_PATH = re.compile(r"[>/|]")


def stated_words(listing: Mapping[str, Any], lists: Sequence[TagList]) -> dict[str, str]:
    """What a listing states of each list: the word whose own name or phrase an attribute or the category equals.

    Args:
        listing: its JSON as it was published.
        lists: those of a bundle.

    Returns:
        List name to word; a list of which nothing, or more than one thing, is stated is absent.
    """
    found = {one.name: {word for text in _said(listing, one.name) if (word := one.word_of(text))} for one in lists}
    return {name: words.pop() for name, words in found.items() if len(words) == 1}


def _said(listing: Mapping[str, Any], name: str) -> Iterator[str]:
    names = {_plain(name), *_OTHER_NAMES.get(name, ())}
    attributes = listing.get("attributes")
    for key, value in attributes.items() if isinstance(attributes, Mapping) else ():
        if isinstance(value, str) and _plain(str(key)) in names:
            yield value
    category = listing.get(_OF_THE_LISTING)
    if name == _OF_THE_LISTING and isinstance(category, str):
        yield _last(category)


def _last(category: str) -> str:
    """The narrowest of 'Clothing > Shoes > Sneakers'."""
    return _PATH.split(category)[-1]


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
