"""Paths of search for programs."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, Field

from streams.events.listing_model import MAX_ID_LENGTH
from streams.web.safety.problems import documented
from streams.web.search.finding import PAGE, Wanted, find
from streams.web.search.query import MOST_PRODUCTS, MOST_WORDS, Found, FoundProduct
from streams.web.services import Used
from streams.web.tags import GeneratedAnswer, Tags

router = APIRouter(tags=["search"])

_PROBLEMS: Final = documented(413, 422, 503)
_Amount = Annotated[str, Field(max_length=40, pattern=r"^([0-9]+(\.[0-9]+)?)?$")]


class SearchAsked(BaseModel):
    """What to look for."""

    words: str = Field("", max_length=MOST_WORDS, description="Any words", examples=["red running shoes"])
    like: str = Field("", max_length=MAX_ID_LENGTH, description="A listing in place of a photo: more like this")
    address: str = Field("", max_length=2_000, description="Of a photo on the web")
    strength: float = Field(
        0.5, ge=0, le=1, description="How much words count beside what is shown: 'this, but in red'"
    )
    category: str = Field("", max_length=1_000, description="Of this category")
    seller: str = Field("", max_length=1_000, description="Of this seller")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="Offered in this currency, ISO 4217")
    least: _Amount = Field("", description="From this price on; needs a currency")
    most: _Amount = Field("", description="Up to this price; needs a currency")
    tag: Tags = []
    limit: int = Field(PAGE, ge=1, le=MOST_PRODUCTS, description="Products at most")

    def wanted(self) -> Wanted:
        """The same for whoever searches."""
        return Wanted(**self.model_dump())


class FoundListing(BaseModel):
    """A listing that was found."""

    listing_id: str
    score: float = Field(description="How well it fits; the order goes by it")
    similarities: dict[str, float] = Field(
        description="In each modality that was compared, as it counts: of words and a photo what their cosine is worth"
    )
    title: str | None
    seller_id: str | None
    category: str | None
    price: str | None
    currency: str | None
    url: str | None
    generated: GeneratedAnswer | None = Field(description="What models say of its photo; null where they say nothing")


class FoundGroup(BaseModel):
    """A product with its listings that were found."""

    product_id: str | None = Field(description="None for a listing that is in no product yet")
    listings: list[FoundListing] = Field(description="The best first")


class SearchAnswer(BaseModel):
    """What was found, the best product first."""

    products: list[FoundGroup]


@router.get("/search", responses=_PROBLEMS)
async def search(used: Used, asked: Annotated[SearchAsked, Query()]) -> SearchAnswer:
    """Find products by words, by a photo's address or a listing, or by what is shown as the words change it."""
    return answer(await find(used, asked.wanted()))


@router.post("/search", responses=_PROBLEMS)
async def search_by_photo(
    used: Used, asked: Annotated[SearchAsked, Form()], photo: Annotated[UploadFile, File()]
) -> SearchAnswer:
    """The same by a photo that is uploaded; nothing is kept of it."""
    return answer(await find(used, asked.wanted(), await photo.read()))


def answer(found: list[FoundProduct]) -> SearchAnswer:
    """What was found, as programs get it."""
    return SearchAnswer(
        products=[
            FoundGroup(product_id=one.product_id, listings=[_listing(it) for it in one.listings]) for one in found
        ]
    )


def _listing(found: Found) -> FoundListing:
    offer = found.offer
    return FoundListing(
        listing_id=offer.listing_id,
        score=round(found.score, 6),
        similarities={modality.value: round(value, 6) for modality, value in found.similarities.items()},
        title=offer.title,
        seller_id=offer.seller_id,
        category=found.category,
        price=offer.price,
        currency=offer.currency,
        url=offer.url,
        generated=GeneratedAnswer.of(offer.generated),
    )
