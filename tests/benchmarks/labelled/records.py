"""Labelled pairs as they are published, `record<TAB>record<TAB>0 or 1`, each record made a listing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from streams.events import Listing
from streams.matching import Details
from streams.matching.pairs import Places

Flags = NDArray[np.bool_]

_COLUMN = re.compile(r"COL (\w+) VAL ")
_MODEL = "modelno"
_FIELDS = {"name": "title", "title": "title", "manufacturer": "brand", "brand": "brand", "category": "category"}
_LEFT_OUT = ("price", "description")
"""Prices change; whether descriptions count is asked for apart. What is neither named is an attribute."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """p labelled pairs of n distinct records; two records are one if they stand on one side and read alike.

    Args:
        listing_ids: of the n records, the same in every file of a set.
        listings: what is encoded.
        details: what decisions look at besides.
        own: (p,) place of the left record.
        other: (p,) place of the right one.
        same: (p,) the label.
    """

    listing_ids: tuple[str, ...]
    listings: tuple[Listing, ...]
    details: tuple[Details, ...]
    own: Places
    other: Places
    same: Flags

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.same)

    @property
    def groups(self) -> Places:
        """(n,) a number for each record, the same for those that labels connect."""
        one, two = self.own[self.same], self.other[self.same]
        shape = len(self.listing_ids), len(self.listing_ids)
        return connected_components(coo_array((np.ones(len(one)), (one, two)), shape=shape))[1].astype(np.intp)

    @property
    def pair_ids(self) -> list[tuple[str, str]]:
        """The two listing ids of each pair."""
        ids = self.listing_ids
        return [(ids[i], ids[j]) for i, j in zip(self.own, self.other, strict=True)]

    def at(self, pairs: Flags) -> Labelled:
        """Some of the pairs, of the same records."""
        return replace(self, own=self.own[pairs], other=self.other[pairs], same=self.same[pairs])


@dataclass(frozen=True, slots=True)
class Titles:
    """What the titles of records are made of.

    Args:
        model: whether a model number that is stated beside a title is written behind it.
        words: a title of fewer is filled up with the first words of its description that it lacks.
    """

    model: bool = True
    words: int = 12


AS_THEY_STAND = Titles(model=False, words=0)


def read_pairs(file: Path, titles: Titles) -> Labelled:
    """Read one file of labelled pairs.

    Raises:
        ValueError: a line is no labelled pair.
    """
    lines = [_parted(line, f"{file}:{number}") for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)]
    places = {record: place for place, record in enumerate(dict.fromkeys(_sides(lines)))}
    raw = [as_listing(side, text, titles) for side, text in places]
    return Labelled(
        tuple(one["listing_id"] for one in raw),
        tuple(Listing.model_validate(one) for one in raw),
        tuple(Details.of(one) for one in raw),
        np.array([places["left", left] for left, _, _ in lines], dtype=np.intp),
        np.array([places["right", right] for _, right, _ in lines], dtype=np.intp),
        np.array([label == "1" for _, _, label in lines], dtype=bool),
    )


def as_listing(side: str, record: str, titles: Titles) -> dict:
    """A record as the JSON of a listing; its price is left out, for a new price must not make a new match."""
    values = {name: value for name, value in fields_of(record).items() if value}
    named = {_FIELDS[name]: value for name, value in values.items() if name in _FIELDS}
    attributes = {name: value for name, value in values.items() if name not in _FIELDS and name not in _LEFT_OUT}
    digest = blake2b(f"{side}\t{record}".encode(), digest_size=8).hexdigest()
    title = _filled_up(named.get("title", ""), values, titles)
    return {**named, "listing_id": f"{side}-{digest}", "title": title, "attributes": attributes}


def fields_of(record: str) -> dict[str, str]:
    """`COL name VAL value ...` by name."""
    _, *parts = _COLUMN.split(record)
    return {name: value.strip() for name, value in zip(parts[::2], parts[1::2], strict=True)}


def _filled_up(title: str, values: Mapping[str, str], titles: Titles) -> str:
    words = title.split()
    model = values.get(_MODEL, "")
    if titles.model and _squeezed(model) not in _squeezed(title):
        words.append(model)
    more = [word for word in values.get("description", "").split() if word not in words]
    return " ".join([*words, *more[: max(titles.words - len(words), 0)]])


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _parted(line: str, subject: str) -> tuple[str, str, str]:
    parts = line.split("\t")
    if len(parts) != 3 or parts[2] not in {"0", "1"}:
        message = f"{subject}: {len(parts)} columns, two records and a label of 0 or 1 wanted; give a file of pairs"
        raise ValueError(message)
    return parts[0], parts[1], parts[2]


def _sides(lines: Iterable[tuple[str, str, str]]) -> Iterable[tuple[str, str]]:
    for left, right, _ in lines:
        yield "left", left
        yield "right", right
