"""What decisions look at besides similarities: the words a seller describes a listing with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from encoders.types import Embedding

_LONGEST = 1_000
"""Characters of each text that are looked at: what decides stands at the beginning, and titles can be hostile."""
_MOST_ATTRIBUTES = 100


@dataclass(frozen=True, slots=True)
class Details:
    """A listing's words, as its seller sent them; hashable, so that what is read out of them can be kept.

    Args:
        title: empty where there is none; so are brand, category and gtin.
        attributes: name and value in words, ordered by name; values that are no text and no number are left out.
    """

    title: str = ""
    brand: str = ""
    category: str = ""
    gtin: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, listing: Mapping[str, Any]) -> Self:
        """Of a listing as JSON, or of `to_json`, back as it was; what is not there or of another kind is empty."""
        attributes = listing.get("attributes")
        named = attributes.items() if isinstance(attributes, Mapping) else ()
        words = sorted((str(name), str(value)) for name, value in named if _is_word(value))
        kept = {name[:_LONGEST]: value[:_LONGEST] for name, value in words[:_MOST_ATTRIBUTES]}
        return cls(
            **{name: _text(listing.get(name)) for name in ("title", "brand", "category", "gtin")},
            attributes=tuple(kept.items()),
        )

    def to_json(self) -> dict[str, Any]:
        """As a payload value; what is empty is left out. `of` reads it."""
        fields: dict[str, Any] = {
            "title": self.title,
            "brand": self.brand,
            "category": self.category,
            "gtin": self.gtin,
            "attributes": dict(self.attributes),
        }
        return {name: value for name, value in fields.items() if value}


NOTHING_SAID = Details()


@dataclass(frozen=True, slots=True)
class Described:
    """A listing as decisions see it: its rows in one view, and its words."""

    embedding: Embedding
    details: Details = NOTHING_SAID


def _is_word(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return value.strip()[:_LONGEST].rstrip() if isinstance(value, str) else ""
