"""Messages of the topic `listings`: what is read, what is refused and in which words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from streams.errors import UnreadableEventError
from streams.events.listing_model import LARGEST, MAX_ID_LENGTH, Listing
from streams.events.records import Message
from streams.events.versions import Position, Version

MAX_NESTING = 20
"""Objects and arrays inside each other; beyond a hundred, either engine of the index breaks."""
VERSION_HEADER = "version"
_SHOWN_LENGTH = 80


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
        raise _unreadable(listing_id, f"the number {number}", f"at most {LARGEST}", "send it as text")
    if listing.listing_id != listing_id:
        raise _unreadable(
            listing_id, f"listing_id is {listing.listing_id!r}", "the record's key", "send it under its own id as key"
        )
    return ListingEvent(listing_id, _version(listing, raw, position), position, listing, raw)


def _version(listing: Listing, raw: Mapping[str, Any], position: Position) -> Version:
    if listing.version is not None:
        return Version(stated=True, number=listing.version, digest=_digest(raw))
    return Version(stated=False, number=position.timestamp_ms, digest=_digest(raw), offset=position.offset)


def _read_key(key: bytes | None) -> str:
    if not key:
        raise UnreadableEventError(
            "listing without key", got="no key", wanted="the listing_id as key", remedy="send each listing under its id"
        )
    try:
        listing_id = key.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(key[:40], "a key that is not UTF-8", "the listing_id", "encode the key") from error
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
    if not stated.isdigit() or len(stated) > len(str(LARGEST)) or int(stated) > LARGEST:
        got = f"version header {stated[:40]!r}"
        wanted = f"a whole number up to {LARGEST}"
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
    return value if isinstance(value, int) and value > LARGEST else None


def _validate(raw: dict[str, Any], listing_id: str) -> Listing:
    try:
        return Listing.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if not where:
            wanted = "a title or an image, and a price with its currency"
            raise _unreadable(listing_id, _words(first["msg"]), wanted, "add it") from error
        got = f"no {where}" if first["type"] == "missing" else f"{where} is {_shown(first['input'])}"
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


def _unreadable(listing_id: str | bytes, got: str, wanted: str, remedy: str) -> UnreadableEventError:
    return UnreadableEventError(f"listing {listing_id!r}", got=got, wanted=wanted, remedy=remedy)
