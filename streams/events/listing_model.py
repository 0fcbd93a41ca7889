"""What a listing is: the public contract with sellers; `docs/schemas/listing.json` is made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

MAX_ID_LENGTH = 256
MOST_IMAGES = 50
LARGEST = 2**63 - 1
"""Whole number that every store can hold."""
_DECIMAL = re.compile(r"[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?")


def _no_other_decimal(value: object) -> object:
    """Python would read '1_5' as 15 and knows a price of NaN."""
    if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
        raise ValueError("a decimal number such as '12.90'")
    return value


def _no_truth(value: object) -> object:
    """Python takes true for 1."""
    if isinstance(value, bool):
        raise ValueError("a whole number")  # noqa: TRY004 - pydantic collects no TypeError
    return value


Identifier = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAX_ID_LENGTH, pattern=r"\S")
]
ShortText = Annotated[str, Field(max_length=1_000)]
Reference = Annotated[str, Field(max_length=4_000)]
Price = Annotated[
    Decimal,
    Field(ge=0, max_digits=20),
    BeforeValidator(_no_other_decimal),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+([.][0-9]+)?$", "maxLength": 20}),
]


class Listing(BaseModel):
    """One seller's posting of one product. Fields that are not named here are kept and ignored."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)

    listing_id: Identifier = Field(description="Unique over all sellers; the record's key must equal it")
    seller_id: ShortText | None = Field(None, description="Who sells it")
    title: Annotated[str, Field(max_length=5_000)] | None = Field(None, description="The listing's title")
    description: Annotated[str, Field(max_length=100_000)] | None = Field(None, description="Longer text")
    image: Reference | None = Field(None, description="URL of the photo, or a path under the configured image root")
    images: Annotated[list[Reference], Field(max_length=MOST_IMAGES)] | None = Field(
        None, description="Further photos of the same, each as `image`; how many are looked at is the bundle's choice"
    )
    price: Price | None = Field(None, description="Decimal as a string, as in '12.90'; needs a currency")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = Field(None, description="ISO 4217 code")
    category: ShortText | None = Field(None, description="The seller's category")
    brand: ShortText | None = Field(None, description="The brand")
    gtin: Annotated[str, Field(pattern=r"^[0-9][0-9 -]{6,18}[0-9]$")] | None = Field(
        None, description="EAN, UPC or GTIN"
    )
    attributes: dict[str, Any] | None = Field(None, description="Anything else by name")
    url: Annotated[str, Field(max_length=4_000)] | None = Field(None, description="Where it is sold")
    version: Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_no_truth)] | None = Field(
        None, description="Grows with every change of the listing; without it the record's timestamp counts"
    )

    @property
    def photos(self) -> tuple[str, ...]:
        """Where its photos are, `image` first and each once; blank ones are none."""
        return photos_of({"image": self.image, "images": self.images})

    @model_validator(mode="after")
    def _something_to_compare(self) -> Listing:
        if not self.title and not self.photos:
            raise ValueError("neither title nor image")
        if self.price is not None and self.currency is None:
            raise ValueError("a price without currency")
        return self


def photos_of(listing: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the photos of a listing as JSON are, `image` first and each once; what is no text is left out."""
    further = listing.get("images")
    sent = [listing.get("image"), *(further if isinstance(further, list | tuple) else ())]
    texts = (one.strip() for one in sent if isinstance(one, str))
    return tuple(dict.fromkeys(text for text in texts if text))
