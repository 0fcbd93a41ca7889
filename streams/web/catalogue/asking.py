"""What may be asked for in the address: by programs exactly, by the form of the page with fields left empty."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, field_validator

from streams.web.catalogue.wishes import LARGEST_PAGE, MOST_SELLERS, Order, Wish
from streams.web.tags import MOST_TAGS, Tags, tagged

_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Asked(BaseModel):
    """Filters, order and page of products."""

    model_config = ConfigDict(frozen=True)

    words: str = Field("", max_length=300, description="Each of them begins a word of its titles")
    category: str = Field("", max_length=1_000, description="In whatever case; of marked letters, as it is written")
    seller: str = Field("", max_length=1_000, description="Who offers it, exactly")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="That it is offered in, ISO 4217")
    least: _Amount | None = Field(
        None, description="What the cheapest offer in the currency costs at least; with a seller, what this one asks"
    )
    most: _Amount | None = Field(None, description="Likewise, at most")
    sellers: int = Field(0, ge=0, le=MOST_SELLERS, description="How many sellers at least")
    tag: Tags = []
    order: Order = Field(
        Order.NEWEST,
        description="What comes first: what changed last, has the most offers, the biggest spread between its cheapest "
        "and its dearest offer, or the biggest drop of a price within a week",
    )
    after: str = Field("", max_length=200, description="`after` of the page before")
    limit: int = Field(24, ge=1, le=LARGEST_PAGE, description="Products on a page")

    def wish(self) -> Wish:
        """The same, as the store is asked.

        Raises:
            UploadError: its parts do not fit together.
        """
        return self._wish()

    def address(self, **changes: object) -> str:
        """Of the page that shows this, with some things changed; None leaves one out."""
        values = {**self.model_dump(exclude_defaults=True), "after": None, **changes}
        asked = {name: value for name, value in values.items() if value not in (None, "", [])}
        return "/browse" + ("?" + urlencode(asked, doseq=True) if asked else "")

    def has_tag(self, text: str) -> bool:
        """Whether a tag is asked for, in whatever case."""
        return text.casefold() in map(str.casefold, self.tag)

    def with_tag(self, text: str) -> str:
        """The address with a tag more."""
        return self.address(tag=[*self.tag, text][-MOST_TAGS:])

    def without_tag(self, text: str) -> str:
        """The address with a tag less."""
        return self.address(tag=[one for one in self.tag if one.casefold() != text.casefold()])

    def _wish(self, **changes: object) -> Wish:
        return Wish(**self.model_dump(exclude={"tag"}) | {"tags": tagged(self.tag), **changes})


class AskedByForm(Asked):
    """As browsers send it: a field that is left empty asks for nothing."""

    @property
    def trouble(self) -> str:
        """Why prices do not count yet, while somebody is typing them."""
        if self.least is None and self.most is None:
            return ""
        if not self.currency:
            return "Choose a currency: prices of two do not compare."
        turned = self.least is not None and self.most is not None and self.least > self.most
        return "The lower price comes first." if turned else ""

    def wish(self) -> Wish:
        """The same, without prices that can't count."""
        return self._wish(**({"least": None, "most": None} if self.trouble else {}))

    @field_validator("*", mode="before")
    @classmethod
    def _empty(cls, value: Any, info: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            return cls.model_fields[info.field_name].default
        return value.strip() if isinstance(value, str) else value
