"""What a listing asks for its product, read out of the JSON that its seller sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from encoders.types import NOTHING_GENERATED, Generated
from streams.events.generated import read_generated, told
from streams.events.listing_model import photos_of

LONGEST_TITLE = 300
"""Characters that are told of a title."""
LONGEST_LINK = 2_000
"""Bytes; a longer link is left out, for half of one leads nowhere. Both keep events below the size of a message."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_MAGNITUDES = 30
"""Powers of ten that a price may be away from 1."""
_TEXTS: Final = ("seller_id", "title", "image", "url", "price", "currency")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one listing asks for the product.

    Args:
        price: a decimal in words as its seller sent it; None where there is none, or no currency to it.
        currency: ISO 4217; None where there is no price.
        generated: what models say of the photos, bounded; never what its seller says.
    """

    listing_id: str
    seller_id: str | None = None
    title: str | None = None
    image: str | None = None
    url: str | None = None
    price: str | None = None
    currency: str | None = None
    generated: Generated = field(default=NOTHING_GENERATED, hash=False)

    @classmethod
    def of(cls, listing_id: str, listing: Mapping[str, Any], generated: Generated = NOTHING_GENERATED) -> Self:
        """Of a listing as JSON; what is not there or can't be read is left out."""
        title, price = _text(listing, "title"), _price(listing.get("price"))
        currency = _currency(listing)
        return cls(
            listing_id,
            seller_id=_text(listing, "seller_id"),
            title=None if title is None else title[:LONGEST_TITLE].rstrip(),
            image=_link(next(iter(photos_of(listing)), None)),
            url=_link(_text(listing, "url")),
            price=price if currency else None,
            currency=currency if price else None,
            generated=told(generated),
        )

    @property
    def rank(self) -> tuple[bool, str, Decimal, str]:
        """What offers are ordered by: currency, price, listing id; those without price last."""
        return self.price is None, self.currency or "", Decimal(self.price or 0), self.listing_id

    def to_json(self) -> dict[str, Any]:
        """As in the public contract; `generated` is absent where nothing was."""
        return {
            "listing_id": self.listing_id,
            "seller_id": self.seller_id,
            "title": self.title,
            "image": self.image,
            "url": self.url,
            "price": self.price,
            "currency": self.currency,
            **({"generated": self.generated.to_json()} if self.generated else {}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_json`; unknown fields are ignored.

        Raises:
            KeyError: it does not say whose it is.
            TypeError: a field is no text, or of another kind.
            ValueError: the price is no decimal.
        """
        fields = {name: value.get(name) for name in _TEXTS}
        for name, text in fields.items():
            if not isinstance(text, str | None):
                raise TypeError(f"{name} of an offer is no text")
        if fields["price"] is not None and _price(fields["price"]) is None:
            raise ValueError("a price that is no decimal")
        return cls(value["listing_id"], **fields, generated=read_generated(value.get("generated")))


def in_order(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The cheapest of each currency first, those without price last."""
    return tuple(sorted(offers, key=lambda offer: offer.rank))


def _text(listing: Mapping[str, Any], name: str) -> str | None:
    value = listing.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def _link(link: str | None) -> str | None:
    return None if link is None or len(link.encode()) > LONGEST_LINK else link


def _currency(listing: Mapping[str, Any]) -> str | None:
    currency = _text(listing, "currency") or ""
    return currency if _CURRENCY.fullmatch(currency) else None


def _price(value: object) -> str | None:
    """A price as decimal digits, without exponent; None for what is no price."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        price = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not price.is_finite() or price < 0 or abs(price.adjusted()) > _MAGNITUDES:
        return None
    return f"{abs(price):f}"
