"""Listings as sellers publish them: what is read, what is refused and in which words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from streams.errors import UnreadableEventError
from streams.events.records import Message
from streams.events.versions import Position, Version

MAX_ID_LENGTH = 256
MAX_NESTING = 20
"""Objects and arrays inside each other; beyond a hundred, either engine of the index breaks."""
VERSION_HEADER = "version"
_LARGEST = 2**63 - 1
_SHOWN_LENGTH = 80
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
    image: Annotated[str, Field(max_length=4_000)] | None = Field(
        None, description="URL of the photo, or a path under the configured image root"
    )
    price: Price | None = Field(None, description="Decimal as a string")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = Field(None, description="ISO 4217 code")
    category: ShortText | None = Field(None, description="The seller's category")
    brand: ShortText | None = Field(None, description="The brand")
    gtin: Annotated[str, Field(pattern=r"^[0-9 -]{8,20}$")] | None = Field(None, description="EAN, UPC or GTIN")
    attributes: dict[str, Any] | None = Field(None, description="Anything else by name")
    url: Annotated[str, Field(max_length=4_000)] | None = Field(None, description="Where it is sold")
    version: Annotated[int, Field(ge=0, le=_LARGEST), BeforeValidator(_no_truth)] | None = Field(
        None, description="Grows with every change of the listing; without it the record's timestamp counts"
    )

    @model_validator(mode="after")
    def _something_to_compare(self) -> Listing:
        if not self.title and not self.image:
            raise ValueError("neither title nor image")
        if self.price is not None and self.currency is None:
            raise ValueError("a price without currency")
        return self


@dataclass(frozen=True, slots=True)
class ListingEvent:
    """A listing that was published, or withdrawn.

    Args:
        version: None for a withdrawal that states none.
        position: of the record that carried it.
        listing: what was published, None for a withdrawal.
        raw: the same as the JSON that came, unknown fields included; None for a withdrawal.
    """

    listing_id: str
    version: Version | None
    position: Position
    listing: Listing | None = None
    raw: Mapping[str, Any] | None = None


def read_listing_event(message: Message) -> ListingEvent:
    """Read a message of the topic `listings`.

    Raises:
        UnreadableEventError: the key or the value is not what the topic carries.
    """
    listing_id = _read_key(message.key)
    position = Position(message.timestamp_ms, message.offset)
    if message.value is None:
        return ListingEvent(listing_id, _withdrawal(message, listing_id), position)
    raw = _read_json(message.value, listing_id)
    listing = _validate(raw, listing_id)
    if (number := _too_large(raw)) is not None:
        raise _unreadable(listing_id, f"the number {number}", f"at most {_LARGEST}", "send it as text")
    if listing.listing_id != listing_id:
        raise _unreadable(
            listing_id, f"listing_id is '{listing.listing_id}'", "the record's key", "send it under its own id as key"
        )
    stated = listing.version is not None
    number = listing.version if listing.version is not None else message.timestamp_ms
    return ListingEvent(listing_id, Version(stated, number, digest=_digest(raw)), position, listing, raw)


def _read_key(key: bytes | None) -> str:
    if not key:
        raise UnreadableEventError(
            "listing without key", got="no key", wanted="the listing_id as key", remedy="send each listing under its id"
        )
    try:
        listing_id = key.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(repr(key[:40]), "a key that is not UTF-8", "the listing_id", "encode the key") from error
    if not listing_id.strip():
        raise _unreadable(listing_id[:40], "a key of blanks", "the listing_id", "send each listing under its id")
    if len(listing_id) > MAX_ID_LENGTH:
        got = f"a key of {len(listing_id)} characters"
        raise _unreadable(listing_id[:40], got, f"at most {MAX_ID_LENGTH}", "shorten the id")
    return listing_id


def _withdrawal(message: Message, listing_id: str) -> Version | None:
    stated = message.headers.get(VERSION_HEADER)
    if stated is None:
        return None
    if not stated.isdigit() or len(stated) > len(str(_LARGEST)) or int(stated) > _LARGEST:
        got = f"version header {stated[:40]!r}"
        wanted = f"a whole number up to {_LARGEST}"
        raise _unreadable(listing_id, got, wanted, "send the version as decimal digits, or no header")
    return Version(stated=True, number=int(stated), withdrawn=True)


def _read_json(value: bytes, listing_id: str) -> dict[str, Any]:
    try:
        raw = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise _unreadable(listing_id, f"no JSON ({error})", "a JSON object", "publish UTF-8 JSON") from error
    if not isinstance(raw, dict):
        got = f"a JSON {type(raw).__name__}"
        raise _unreadable(listing_id, got, "a JSON object", "publish one object per listing, or null to withdraw it")
    if _nested(raw.values()):
        got = f"JSON nested more than {MAX_NESTING} deep"
        raise _unreadable(listing_id, got, "at most that", "flatten it, or send the inner part as text")
    return raw


def _nested(values: Iterable[Any], levels: int = MAX_NESTING) -> bool:
    """Whether values are in more objects and arrays than so many levels."""
    if levels == 0:
        return True
    inner = (value.values() if isinstance(value, dict) else value for value in values if isinstance(value, dict | list))
    return any(_nested(some, levels - 1) for some in inner)


def _too_large(value: object) -> int | None:
    """A whole number that the index can't hold; floats it can."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return next((found for one in inner if (found := _too_large(one)) is not None), None)
    return value if isinstance(value, int) and value > _LARGEST else None


def _validate(raw: dict[str, Any], listing_id: str) -> Listing:
    try:
        return Listing.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if not where:
            wanted = "a title or an image, and a price with its currency"
            raise _unreadable(listing_id, _words(first["msg"]), wanted, "add it") from error
        got = f"{where} is {_shown(first['input'])}" if where in raw else f"no {where}"
        raise _unreadable(listing_id, got, _words(first["msg"]), f"mend '{where}'") from error


def _words(message: str) -> str:
    """Pydantic's message as the end of a sentence; patterns in it keep their case."""
    words = message.removeprefix("Value error, ")
    return words[:1].lower() + words[1:]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."


def _digest(raw: Mapping[str, Any]) -> str:
    return hashlib.blake2b(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def _unreadable(listing_id: str, got: str, wanted: str, remedy: str) -> UnreadableEventError:
    return UnreadableEventError(f"listing '{listing_id}'", got=got, wanted=wanted, remedy=remedy)
