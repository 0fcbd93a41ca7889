"""The page of search."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, field_validator

from streams.errors import IndexUnavailableError, UploadError
from streams.events.listing_model import MAX_ID_LENGTH
from streams.web.catalogue.seen import facets
from streams.web.rendering import page
from streams.web.search.finding import Wanted, find
from streams.web.search.query import MOST_WORDS, FoundProduct
from streams.web.services import Services, Used
from streams.web.tags import Tags, tagged
from streams.web.wording import LOOKED_AT

router = APIRouter(include_in_schema=False)

_CATEGORIES: Final = """
select category, count(*) as listings from listings where listed and category is not null
group by category order by listings desc, category limit 200
"""


class Filled(BaseModel):
    """The form as browsers send it."""

    words: str = Field("", max_length=MOST_WORDS)
    like: str = Field("", max_length=MAX_ID_LENGTH)
    address: str = Field("", max_length=2_000)
    strength: float = Field(0.5, ge=0, le=1)
    category: str = Field("", max_length=1_000)
    seller: str = Field("", max_length=1_000)
    currency: str = Field("", max_length=3)
    least: str = Field("", max_length=40)
    most: str = Field("", max_length=40)
    tag: Tags = []

    @field_validator("tag", mode="before")
    @classmethod
    def _chosen(cls, value: Any) -> Any:
        """What is left at 'any' is sent as an empty text."""
        return [one for one in value if one != ""] if isinstance(value, list | tuple) else value

    @property
    def link(self) -> str:
        """The address that asks for the same."""
        values = self.model_dump(exclude_defaults=True)
        return "/find" + (f"?{urlencode(values, doseq=True)}" if values else "")


async def _photo(request: Request) -> Any:
    """A file field that was left empty is a text to browsers."""
    photo = (await request.form()).get("photo")
    return None if photo is None or isinstance(photo, str) or not photo.filename else photo


@router.get("/find")
async def linked(request: Request, used: Used, filled: Annotated[Filled, Query()]) -> Response:
    """What an address asks for."""
    return await _answer(request, used, filled, None)


@router.post("/find")
async def filled_in(
    request: Request, used: Used, filled: Annotated[Filled, Form()], photo: Annotated[Any, Depends(_photo)]
) -> Response:
    """What somebody filled in, with a photo maybe; the address of the page follows where there is none."""
    return await _answer(request, used, filled, await photo.read() if photo is not None else None)


async def _answer(request: Request, used: Services, filled: Filled, photo: bytes | None) -> Response:
    wanted = Wanted(**filled.model_dump())
    found: list[FoundProduct] = []
    problem = None
    if not wanted.empty or photo is not None:
        try:
            found = await find(used, wanted, photo)
        except (UploadError, IndexUnavailableError) as error:
            problem = error
    values: dict[str, Any] = {
        "filled": filled,
        "found": found,
        "problem": problem,
        "asked": not wanted.empty or photo is not None,
    }
    if "HX-Request" in request.headers:
        headers = {} if photo is not None else {"HX-Push-Url": filled.link}
        return page(request, "find_results.html", headers=headers, looked_at=LOOKED_AT, **values)
    values |= await run_in_threadpool(_choices, used, filled)
    return page(request, "find.html", looked_at=LOOKED_AT, **values)


def _choices(used: Services, filled: Filled) -> dict[str, Any]:
    connection = used.store.reading
    return {"categories": _categories(connection), "tags": _tags(connection, filled.tag)}


class Choice(NamedTuple):
    """A word of a list that may be chosen.

    Attributes:
        text: as in 'colour:red'.
        label: for people, with how many products show it.
    """

    text: str
    label: str
    chosen: bool


def _tags(connection: sqlite3.Connection, chosen: Sequence[str]) -> list[tuple[str, list[Choice]]]:
    """What may be chosen of each list; what is chosen and not among the most frequent comes last."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for facet in facets(connection):
        found[facet.list] = {f"{facet.list}:{word}": f"{word} ({count:,})" for word, count in facet.words}
    for tag in tagged(chosen):
        if f"{tag.list}:{tag.word}" not in found[tag.list]:
            found[tag.list][f"{tag.list}:{tag.word}"] = tag.word
    return [
        (name, [Choice(text, label, text in chosen) for text, label in words.items()]) for name, words in found.items()
    ]


def _categories(connection: sqlite3.Connection) -> list[str]:
    return [row["category"] for row in connection.execute(_CATEGORIES)]
