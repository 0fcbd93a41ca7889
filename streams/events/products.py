"""Events of the topic `products`: what a product's listings are, and what each seller asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Self

import orjson

from streams.events.clock import utc_now
from streams.events.headers import read_told, told_headers
from streams.events.offers import Offer
from streams.events.refusals import not_ours

_LARGEST: Final = 2**63 - 1
_NO_HEADERS: Final[Mapping[str, bytes | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProductEvent:
    """What subscribers are told about one product.

    Args:
        revision: grows with each change of members, offers or `oversized`; a repeated one is the
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
    occurred_at: str = field(default_factory=utc_now)

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

    @classmethod
    def alike(cls, one: Self | None, other: Self | None) -> bool:
        """Whether two events, or that there was none, leave subscribers with the same product, or with none."""
        if one is None or other is None or one.members is None or other.members is None:
            return all(event is None or event.members is None for event in (one, other))
        return one.says_the_same(other)

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

    def headers(self) -> Mapping[str, bytes]:
        """Of the record: those of a tombstone say what its value can't."""
        return told_headers(self.revision, self.generation) if self.members is None else {}

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
    def from_bytes(
        cls, key: bytes | None, value: bytes | None, headers: Mapping[str, bytes | None] = _NO_HEADERS
    ) -> Self:
        """Back from `to_bytes`; a tombstone has the revision and the generation of its headers, 0 and none without.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            if value is None:
                revision, generation = read_told(headers)
                return cls((key or b"").decode(), revision, generation, "", None, occurred_at="")
            event = cls.from_json(orjson.loads(value))
            _ensure_kinds(event)
            return event  # noqa: TRY300 - one error for whatever is wrong with it
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            wanted, remedy = "what docs/schemas/product-event.json says", "let nobody else write into the topic"
            raise not_ours("product event of", key, error, wanted=wanted, remedy=remedy) from error


def _ensure_kinds(event: ProductEvent) -> None:
    """JSON of somebody else may have the right fields with anything in them.

    Raises:
        TypeError: a field is of another kind.
    """
    ids = (*(event.members or ()), *event.merged_from, *event.split_from, *event.split_into)
    texts = (event.product_id, event.occurred_at, *ids, *(offer.listing_id for offer in event.offers))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("an id or a time that is no text")
    if not isinstance(event.revision, int) or event.revision > _LARGEST or not isinstance(event.oversized, bool):
        raise TypeError("a revision that is no number, or 'oversized' neither true nor false")
