"""One click: a listing that was opened from the answers to a query."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from streams.errors import UnreadableEventError

LONGEST = 1_000
"""Characters of each text; a longer one is no query that somebody typed."""

_WORD = re.compile(r"[^\W_]")
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Click:
    """One click.

    Args:
        session: one person's visit.
        query: what was searched for, as `normalised` writes it.
        listing_id: what was opened.
    """

    session: str
    query: str
    listing_id: str


def read_click(line: bytes) -> Click:
    """One line of a click log; fields that are not named here are passed over.

    Raises:
        UnreadableEventError: it is no click.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _broken(f"no JSON ({error})", "a JSON object", "write one object per line") from error
    if not isinstance(value, dict):
        raise _broken(f"a JSON {type(value).__name__}", "a JSON object", "write one object per line")
    query = normalised(_text(value, "query"))
    if not _WORD.search(query):
        raise _broken(f"query {value['query']!r}", "a word", "leave clicks out that no search led to")
    return Click(_text(value, "session"), query, _text(value, "listing_id"))


@lru_cache(maxsize=_KEPT)
def normalised(query: str) -> str:
    """Case, width and spaces made alike."""
    return " ".join(unicodedata.normalize("NFKC", query).casefold().split())


def _text(value: dict[str, Any], name: str) -> str:
    """A text, or a whole number as one."""
    found = value.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str) or not found.strip():
        got = f"{name} {found!r}"[:LONGEST] if name in value else f"no {name}"
        raise _broken(got, f"a text in '{name}'", "write session, query and listing_id into each line")
    if len(found) > LONGEST:
        raise _broken(f"{name} of {len(found)} characters", f"at most {LONGEST}", "shorten it, or leave the click out")
    return found


def _broken(got: str, wanted: str, remedy: str) -> UnreadableEventError:
    return UnreadableEventError("click", got=got, wanted=wanted, remedy=remedy)
