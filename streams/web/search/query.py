"""What somebody looks for, and what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from encoders.types import NOTHING_GENERATED, Generated, Modality
from streams.errors import UploadError
from streams.events.offers import Offer
from streams.web.tags import Tagged

MOST_PRODUCTS: Final = 100
MOST_WORDS: Final = 1_000
"""Characters; what is longer is cut, as encoders cut it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which listings count.

    Args:
        category: as its seller wrote it, in whatever case.
        seller_id: exactly.
        currency: prices of another one do not count.
        least: price from which on; needs a currency.
        most: price up to which; needs a currency.
        tags: what its photos show, as models see them; all of it.

    Raises:
        UploadError: prices without a currency, or the least above the most.
    """

    category: str | None = None
    seller_id: str | None = None
    currency: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    tags: tuple[Tagged, ...] = ()

    def __post_init__(self) -> None:
        if self.currency is None and (self.least is not None or self.most is not None):
            raise refused("price", "no currency to it", "one such as EUR", "name it, for prices of two do not compare")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise refused("price", f"from {self.least} to {self.most}", "the lower one first", "change the two")

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self != Filters()

    def admit(self, listing: Mapping[str, Any], generated: Generated = NOTHING_GENERATED) -> bool:
        """Whether a listing counts.

        Args:
            listing: as the JSON that its seller sent.
            generated: what models say of its photos.
        """
        stated = self._is(listing, "category", self.category) and self._same_seller(listing) and self._priced(listing)
        return stated and all(tag.holds(generated) for tag in self.tags)

    def _is(self, listing: Mapping[str, Any], name: str, wanted: str | None) -> bool:
        return wanted is None or str(listing.get(name) or "").strip().casefold() == wanted.strip().casefold()

    def _same_seller(self, listing: Mapping[str, Any]) -> bool:
        return self.seller_id is None or listing.get("seller_id") == self.seller_id

    def _priced(self, listing: Mapping[str, Any]) -> bool:
        if self.currency is None:
            return True
        offer = Offer.of("", listing)
        if offer.price is None or offer.currency != self.currency:
            return False
        price = Decimal(offer.price)
        return (self.least is None or price >= self.least) and (self.most is None or price <= self.most)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for: words, what is shown, or what is shown but as the words say.

    Args:
        words: any text.
        photo: an image file's bytes.
        like: a listing that is shown in place of a photo; it is not found itself.
        strength: how much the words count beside what is shown: 0 not at all, 1 alone.
        limit: products at most.

    Raises:
        UploadError: it asks for nothing, or for two photos at once, or a number is out of its range.
    """

    words: str = ""
    photo: bytes | None = None
    like: str | None = None
    strength: float = 0.5
    filters: Filters = field(default_factory=Filters)
    limit: int = 20

    def __post_init__(self) -> None:
        # half a pair of surrogates comes out of JSON, and no tokenizer takes it
        words = self.words[:MOST_WORDS].encode(errors="replace").decode().strip()
        object.__setattr__(self, "words", words)
        if not words and not self.shows:
            raise refused("search", "neither words nor a photo", "one of them", "say what to look for")
        if self.photo is not None and self.like is not None:
            raise refused("search", "a photo and a listing", "one of them", "leave one out")
        if not 0 <= self.strength <= 1:
            raise refused("strength", f"{self.strength}", "0 to 1", "0.5 lets words and photo count equally")
        if not 1 <= self.limit <= MOST_PRODUCTS:
            raise refused("limit", f"{self.limit}", f"1 to {MOST_PRODUCTS}", "ask for so many products")

    @property
    def shows(self) -> bool:
        """Whether there is more than words."""
        return self.photo is not None or self.like is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A listing that was found.

    Args:
        offer: what its seller says of it.
        score: how well it fits, what the order goes by; 1 at most.
        similarities: in each modality that was compared.
    """

    offer: Offer
    category: str | None
    score: float
    similarities: Mapping[Modality, float]


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product, with those of its listings that were found.

    Args:
        product_id: None where the listing is in none yet.
        listings: the best first.
    """

    product_id: str | None
    listings: Sequence[Found]

    @property
    def best(self) -> Found:
        """The listing that it is found by."""
        return self.listings[0]


def refused(subject: str, got: str, wanted: str, remedy: str) -> UploadError:
    """The error for what can't be looked for."""
    return UploadError(subject, got=got, wanted=wanted, remedy=remedy)
