"""What the interface answers about products, listings and prices; `docs` of each field are what users read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from streams.web.catalogue.seen import WORDS_SHOWN
from streams.web.tags import GeneratedAnswer

_MUG: JsonDict = {
    "listing_id": "s7-2",
    "seller_id": "s7",
    "title": "Red mug 300 ml",
    "image": "https://img.example/mug.jpg",
    "url": "https://shop.example/mug",
    "price": "7.50",
    "currency": "EUR",
    "generated": None,
}


class OfferAnswer(BaseModel):
    """What one listing asks."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MUG]})

    listing_id: str = Field(description="The listing")
    seller_id: str | None = Field(description="Who sells it")
    title: str | None = Field(description="As its seller wrote it, 300 characters at most")
    image: str | None = Field(description="URL of the photo, or a path under the image root")
    url: str | None = Field(description="Where it is sold, as its seller wrote it: any text")
    price: str | None = Field(description="Decimal in words; null where there is none, or no currency to it")
    currency: str | None = Field(description="ISO 4217; null where there is no price")
    generated: GeneratedAnswer | None = Field(description="What models say of its photo; null where they say nothing")


class BestAnswer(BaseModel):
    """The cheapest offer in a currency, and how much it saves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "currency": "EUR",
                    "listing_id": "s7-2",
                    "price": "7.50",
                    "offers": 2,
                    "dearest": "8.00",
                    "saves": "0.50",
                }
            ]
        }
    )

    currency: str = Field(description="ISO 4217")
    listing_id: str = Field(description="Whose offer it is")
    price: str = Field(description="What it asks")
    offers: int = Field(description="Offers in this currency")
    dearest: str = Field(description="What the dearest of them asks")
    saves: str = Field(description="What the cheapest asks less than the dearest")


class ProductSummary(BaseModel):
    """A product as lists show it."""

    product_id: str = Field(description="The id of its first listing; it changes when products merge or split")
    title: str | None = Field(description="Of one of its listings")
    category: str | None = Field(description="That most of its listings are in")
    listings: int = Field(description="How many listings it has")
    sellers: int = Field(description="How many sellers")
    best: list[BestAnswer] = Field(description="The best price in each currency")
    spread: float = Field(description="How far the cheapest offer is below the dearest, as a share of the latter")
    drop: float = Field(description="How far a price of it fell within a week, as a share of the price before")
    photo: str | None = Field(description="The listing whose photo stands for it: /photo?listing=...")
    seen: str | None = Field(description="What models say of that photo; never a seller's words")
    occurred_at: str = Field(description="When it changed last, ISO 8601 in UTC")


class CategoryCount(BaseModel):
    """How many products of a category fit."""

    name: str = Field(description="As it is written")
    products: int = Field(description="How many")


class WordCount(BaseModel):
    """How many products show something."""

    word: str = Field(description="What a photo of theirs shows")
    products: int = Field(description="How many")


class TagCounts(BaseModel):
    """A list of phrases, with how many products show each."""

    name: str = Field(description="Of the list, as 'colour'")
    words: list[WordCount] = Field(description=f"The most frequent first; {WORDS_SHOWN} at most")


class ProductPage(BaseModel):
    """Products that fit what was asked for, a page of them."""

    products: list[ProductSummary]
    total: int = Field(description="On all pages")
    categories: list[CategoryCount] = Field(description="Of what fits, whichever category was asked for; 200 at most")
    tags: list[TagCounts] = Field(description="What photos of what fits show, as models see them")
    after: str | None = Field(description="Ask for the next page with it; null on the last one")


class LinkAnswer(BaseModel):
    """Why a listing belongs to a product: its strongest match in it."""

    listing_id: str = Field(description="The listing")
    with_listing_id: str = Field(description="Whom it matches")
    similarity: float = Field(description="The combined one")
    strong: bool = Field(description="Whether it needs no second match to join two products")
    evidence: dict[str, float | str] = Field(description="Similarity per modality, and 'rule': what decided")


class JudgementAnswer(BaseModel):
    """What a person said of two listings."""

    listing_ids: tuple[str, str] = Field(description="The two, in order")
    verdict: str = Field(description="same, different or unsure")
    by: str = Field(description="Who said it")
    at: str = Field(description="When, ISO 8601; empty where nobody said")


class ProductAnswer(ProductSummary):
    """A product with its offers, and why they are one."""

    revision: int = Field(description="Grows with each change")
    members: list[str] = Field(description="Its listings")
    offers: list[OfferAnswer] = Field(description="By currency and price; those without price last")
    oversized: bool = Field(description="Its listings hang together with more than one product may have")
    merged_from: list[str] = Field(description="Products that went into it with its last change")
    split_from: list[str] = Field(description="Products that some of its listings came from with its last change")
    split_into: list[str] = Field(description="Products that some of its listings went to with its last change")
    links: list[LinkAnswer] = Field(description="The strongest match of each listing")
    judgements: list[JudgementAnswer] = Field(description="What people said of two of its listings")


class PricePoint(BaseModel):
    """What an offer cost from then on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-01-01T00:00:00.000Z", "price": "8.00", "currency": "EUR"}]}
    )

    since: str = Field(description="ISO 8601 in UTC")
    price: str | None = Field(description="Decimal in words; null: none was asked")
    currency: str | None = Field(description="ISO 4217")


class PriceHistory(BaseModel):
    """What a listing asked since this service has known it."""

    listing_id: str
    prices: list[PricePoint] = Field(description="The oldest first")


class ListingAnswer(BaseModel):
    """A listing as its seller published it."""

    listing_id: str
    product_id: str | None = Field(description="The product it is in; null before that was decided")
    listing: dict[str, Any] = Field(description="What was published, fields that nobody knows included")
    generated: GeneratedAnswer | None = Field(description="What models say of its photo; null where they say nothing")


class MatchAnswer(BaseModel):
    """One entry of a list."""

    listing_id: str = Field(description="The other listing")
    similarity: float = Field(description="The combined one")
    strong: bool = Field(description="Whether it needs no second match to join two products")
    evidence: dict[str, float | str] = Field(description="Similarity per modality, and 'rule': what decided")


class MatchesAnswer(BaseModel):
    """The current list of a listing, as it was told."""

    listing_id: str
    matches: list[MatchAnswer] = Field(description="The same product, the most similar first")
    review: list[MatchAnswer] = Field(description="Maybe the same, for people to look at")
    overruled: list[MatchAnswer] = Field(description="Would match, if nobody had said that they are different")


class GtinOffers(BaseModel):
    """Offers of listings that state a GTIN."""

    gtin: str = Field(description="As 14 digits")
    products: list[str] = Field(description="The products that these listings are in")
    offers: list[OfferAnswer] = Field(description="By currency and price; those without price last")
