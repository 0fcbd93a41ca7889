"""Events of the topic `products`: what a product's listings are, and what each seller asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import orjson

from streams.errors import UnreadableEventError

LONGEST_TITLE = 300
"""Characters that are told of a title."""
LONGEST_LINK = 2_000
"""Bytes; a longer link is left out, for half of one leads nowhere. Both keep events below the size of a message."""
_MAGNITUDES = 30


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one listing asks for the product.

    Args:
        price: a decimal in words as its seller sent it; None where there is none, or no currency to it.
        currency: ISO 4217; None where there is no price.
    """

    listing_id: str
    seller_id: str | None = None
    title: str | None = None
    image: str | None = None
    url: str | None = None
    price: str | None = None
    currency: str | None = None

    @classmethod
    def of(cls, listing_id: str, listing: Mapping[str, Any]) -> Self:
        """Of a listing as JSON; what is not there or can't be read is left out."""
        title, currency = _text(listing, "title"), _text(listing, "currency")
        price = _price(listing.get("price"))
        return cls(
            listing_id,
            seller_id=_text(listing, "seller_id"),
            title=None if title is None else title[:LONGEST_TITLE].rstrip(),
            image=_link(listing, "image"),
            url=_link(listing, "url"),
            price=price if currency else None,
            currency=currency if price else None,
        )

    @property
    def rank(self) -> tuple[bool, str, Decimal, str]:
        """What offers are ordered by: currency, price, listing id; those without price last."""
        return self.price is None, self.currency or "", Decimal(self.price or 0), self.listing_id

    def to_json(self) -> dict[str, Any]:
        """As in the public contract."""
        return {
            "listing_id": self.listing_id,
            "seller_id": self.seller_id,
            "title": self.title,
            "image": self.image,
            "url": self.url,
            "price": self.price,
            "currency": self.currency,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_json`; unknown fields are ignored."""
        return cls(value["listing_id"], **{name: value.get(name) for name in cls.__slots__[1:]})


def in_order(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The cheapest of each currency first, those without price last."""
    return tuple(sorted(offers, key=lambda offer: offer.rank))


@dataclass(frozen=True, slots=True)
class ProductEvent:
    """What subscribers are told about one product.

    Args:
        revision: grows by one with each change of members, offers or `oversized`; a repeated one is the
            same news again.
        members: listing ids in order; None when the product is gone.
        offers: one of each member, `in_order`.
        oversized: its listings hang together with more than one product may have.
        merged_from: products that went into it with this change, with all that was left of them.
        split_from: products that some of its members came from with this change, while others did not.
        split_into: products that some of its members went to with this change.
        occurred_at: when it was found, ISO 8601 in UTC.
    """

    product_id: str
    revision: int
    generation: str
    cause: str
    members: tuple[str, ...] | None
    offers: tuple[Offer, ...] = ()
    oversized: bool = False
    merged_from: tuple[str, ...] = ()
    split_from: tuple[str, ...] = ()
    split_into: tuple[str, ...] = ()
    occurred_at: str = field(default_factory=_now)

    @property
    def best(self) -> dict[str, Offer]:
        """The cheapest offer in each currency."""
        best: dict[str, Offer] = {}
        for offer in self.offers:
            if offer.currency is not None:
                best.setdefault(offer.currency, offer)
        return best

    def says_the_same(self, other: ProductEvent) -> bool:
        """Whether the product is as it is in the other event."""
        return (self.members, self.offers, self.oversized) == (other.members, other.offers, other.oversized)

    def to_json(self) -> dict[str, Any]:
        """As in the public contract; `members` is null when the product is gone."""
        return {
            "product_id": self.product_id,
            "revision": self.revision,
            "generation": self.generation,
            "occurred_at": self.occurred_at,
            "cause": self.cause,
            "members": None if self.members is None else list(self.members),
            "offers": [offer.to_json() for offer in self.offers],
            "best": {
                currency: {"listing_id": offer.listing_id, "price": offer.price}
                for currency, offer in self.best.items()
            },
            "oversized": self.oversized,
            "merged_from": list(self.merged_from),
            "split_from": list(self.split_from),
            "split_into": list(self.split_into),
        }

    def to_bytes(self) -> bytes | None:
        """As the value of a record; None, a tombstone, when the product is gone."""
        return None if self.members is None else orjson.dumps(self.to_json())

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_json`; unknown fields are ignored.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            product_id=value["product_id"],
            revision=value["revision"],
            generation=value["generation"],
            cause=value["cause"],
            members=None if value["members"] is None else tuple(value["members"]),
            offers=tuple(map(Offer.from_json, value["offers"])),
            oversized=value["oversized"],
            merged_from=tuple(value["merged_from"]),
            split_from=tuple(value["split_from"]),
            split_into=tuple(value["split_into"]),
            occurred_at=value["occurred_at"],
        )

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes | None) -> Self:
        """Back from `to_bytes`; a tombstone has revision 0, for it carries none.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            if value is None:
                return cls((key or b"").decode(), 0, "", "", None, occurred_at="")
            return cls.from_json(orjson.loads(value))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableEventError(
                f"product event of {key!r}",
                got=f"a value that is not ours ({error})",
                wanted="what docs/schemas/product-event.json says",
                remedy="let nobody else write into the topic",
            ) from error


def _text(listing: Mapping[str, Any], name: str) -> str | None:
    value = listing.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def _link(listing: Mapping[str, Any], name: str) -> str | None:
    link = _text(listing, name)
    return None if link is None or len(link.encode()) > LONGEST_LINK else link


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
