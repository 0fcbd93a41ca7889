"""What `product-event.json` says of the events of the topic `products`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from streams.events.generated import LONGEST_CAPTION, MOST_TAGS
from streams.events.listing_model import Identifier
from streams.events.offers import LONGEST_TITLE

UTC_TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z$"
_Price = Annotated[str, Field(pattern=r"^[0-9]+([.][0-9]+)?$")]
_Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class TagValue(BaseModel):
    """What a photo shows, of one list of phrases."""

    model_config = ConfigDict(extra="allow", title="Tag")

    word: str = Field(description="What it shows")
    probability: Annotated[float, Field(ge=0, le=1)] = Field(description="That it is this one of its list")


class GeneratedValue(BaseModel):
    """By models from the photo, never the seller's words. What was not found is absent."""

    model_config = ConfigDict(extra="allow", title="Generated")

    # a default says no more than that the field may be absent
    caption: str = Field("", description=f"What the photo shows, its first {LONGEST_CAPTION} characters")
    tags: dict[str, TagValue] = Field(
        default_factory=dict, description=f"Name of a list, as 'colour', to its tag; {MOST_TAGS} at most"
    )
    line: str = Field(description="All of it on one line, for people")


class OfferValue(BaseModel):
    """What one listing asks for the product."""

    model_config = ConfigDict(extra="allow", title="Offer")

    listing_id: Identifier = Field(description="The listing")
    seller_id: str | None = Field(description="Who sells it")
    title: str | None = Field(description=f"The listing's title, its first {LONGEST_TITLE} characters")
    image: str | None = Field(description="URL or path of the first photo; null if it is very long")
    url: str | None = Field(description="Where it is sold; null if it is very long")
    price: _Price | None = Field(description="Decimal as a string; null for a listing without price")
    currency: _Currency | None = Field(description="ISO 4217 code; null where the price is")
    generated: GeneratedValue = Field(
        default_factory=lambda: GeneratedValue(line=""),
        description="What models say of the listing's photo, never the seller's words; absent where they say nothing",
    )


class BestOffer(BaseModel):
    """The cheapest offer in one currency."""

    model_config = ConfigDict(extra="allow")

    listing_id: Identifier = Field(description="Whose offer it is; of several at one price the first in `offers`")
    price: _Price = Field(description="Its price")


class ProductEventValue(BaseModel):
    """One product: its listings and what each asks. Readers ignore fields they do not know."""

    model_config = ConfigDict(extra="allow", title="ProductEvent")

    product_id: Identifier = Field(description="The smallest listing id among the members; equals the record's key")
    revision: int = Field(ge=1, description="Grows by one with each change of the product; a repeated one is no news")
    generation: str = Field(min_length=1, description="Which set of encoders and settings decided")
    occurred_at: Annotated[str, Field(pattern=UTC_TIME)] = Field(
        description="When it was found, in UTC", json_schema_extra={"format": "date-time"}
    )
    cause: str = Field(description="What led to it, in words for people")
    members: list[Identifier] = Field(min_length=1, description="The listings that are this product, in order")
    offers: list[OfferValue] = Field(
        min_length=1, description="One of each member: by currency, then price, then listing id; without price last"
    )
    best: dict[_Currency, BestOffer] = Field(description="The cheapest offer by currency")
    oversized: bool = Field(description="Whether more listings hang together with it than one product may have")
    merged_from: list[Identifier] = Field(description="Products that went into it with this change, as a whole")
    split_from: list[Identifier] = Field(description="Products that some of its members left others of, to come here")
    split_into: list[Identifier] = Field(description="Products that some of its members went to with this change")
