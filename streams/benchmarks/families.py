"""A made-up catalogue whose groups are like those of real shops, with rows and without an encoder.

Listings of one product are a group, of three on average and seldom of more than twenty. A few groups are a family:
one product line, of which the same words and much of the looks are shared. Nothing is near enough to a listing of
another family to matter, so that what the stages make of a whole catalogue can be computed family by family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality, SparseRow

SIZE: Final = 384
"""Of dense rows."""
_GROUPS: Final = 5
"""In a family."""
_MEAN: Final = 3.0
_LARGEST: Final = 30
"""Listings of a product."""
_FAMILY_SHARE: Final = 0.45
"""Of what a group is: this much is its family's."""
_OWN_SHARES: Final = (0.06, 0.3)
"""Of what a listing is: from so much to so much is nobody else's."""
_SAID: Final = 0.85
"""How likely a seller says a word of the product."""
_BUCKETS: Final = 1 << 20
_COMMON: Final = ("new", "black", "white", "pro", "offer", "free", "delivery", "original", "pack", "with", "for", "set")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One listing.

    Args:
        listing: the JSON as its seller would send it.
        embedding: its rows.
    """

    listing: Mapping[str, Any]
    embedding: Embedding

    @property
    def listing_id(self) -> str:
        """Its id."""
        return str(self.listing["listing_id"])


@dataclass(frozen=True, slots=True)
class _Group:
    direction: Floats
    words: tuple[str, ...]
    model: str


class Family:
    """A product line.

    Args:
        number: which; the same number is always the same family.
        seed: of the catalogue.
    """

    def __init__(self, number: int, seed: int = 7) -> None:
        self.number = number
        self._rng = np.random.default_rng([seed, number])
        family, words = _direction(self._rng), _words(self._rng, 3)
        self._groups = [self._group(family, words) for _ in range(_GROUPS)]
        self._listings = 0

    def listings(self) -> list[MadeUp]:
        """Those it begins with."""
        sizes = self._rng.geometric(1 / _MEAN, _GROUPS).clip(max=_LARGEST)
        return [self.another(group) for group, size in enumerate(sizes.tolist()) for _ in range(size)]

    def another(self, group: int | None = None) -> MadeUp:
        """One more listing, of that group or of any."""
        chosen = int(self._rng.integers(_GROUPS)) if group is None else group
        self._listings += 1
        return self._listing(f"f{self.number}-{chosen}-{self._listings}", self._groups[chosen])

    def anew(self, one: MadeUp) -> MadeUp:
        """One of its listings, described in other words."""
        return self._listing(one.listing_id, self._groups[int(one.listing_id.split("-")[1])])

    def _group(self, family: Floats, words: tuple[str, ...]) -> _Group:
        direction = _mixed(family, _direction(self._rng), _FAMILY_SHARE)
        letters = "".join(self._rng.choice(list("bcdfghkmnrstx"), 2).tolist())
        return _Group(direction, (*words, *_words(self._rng, 3)), f"{letters}{self._rng.integers(1000, 9999)}")

    def _listing(self, listing_id: str, group: _Group) -> MadeUp:
        own = float(self._rng.uniform(*_OWN_SHARES))
        row = _mixed(_direction(self._rng), group.direction, own).astype(np.float32)
        words = [word for word in group.words if self._rng.random() < _SAID]
        words += self._rng.choice(_COMMON, 2, replace=False).tolist()
        title = " ".join([*words, group.model])
        listing = {
            "listing_id": listing_id,
            "seller_id": f"seller-{self._rng.integers(40)}",
            "title": title,
            "price": f"{self._rng.uniform(5, 500):.2f}",
            "currency": "EUR",
            "category": f"category {self.number % 25}",
        }
        return MadeUp(listing, {Modality.TEXT: row, Modality.LEXICAL: lexical_row(title)})


def families(listings: int, seed: int = 7) -> Iterator[tuple[Family, list[MadeUp]]]:
    """Families with the listings they begin with, so many in all."""
    made = number = 0
    while made < listings:
        family = Family(number, seed)
        some = family.listings()[: listings - made]
        yield family, some
        made, number = made + len(some), number + 1


def lexical_row(title: str) -> SparseRow:
    """Its words and their parts of three letters; numbers weigh most, words that are in every title least."""
    weights: dict[int, float] = {}
    for word in title.split():
        weight = 0.4 if word in _COMMON else 3.0 if any(letter.isdigit() for letter in word) else 1.5
        weights[crc32(word.encode()) % _BUCKETS] = weight
        for part in (word[i : i + 3] for i in range(len(word) - 2)):
            weights[crc32(b"3" + part.encode()) % _BUCKETS] = weight / 4
    indices = sorted(weights)
    values = np.array([weights[one] for one in indices])
    return SparseRow(np.array(indices, np.uint32), (values / np.linalg.norm(values)).astype(np.float32))


def _direction(rng: np.random.Generator) -> Floats:
    row: Floats = rng.normal(size=SIZE)
    return row / np.linalg.norm(row)


def _mixed(one: Floats, other: Floats, share: float) -> Floats:
    """Unit length; so much of its square is of the first, the rest of the other."""
    row: Floats = np.sqrt(share) * one + np.sqrt(1 - share) * other
    return row / np.linalg.norm(row)


def _words(rng: np.random.Generator, number: int) -> tuple[str, ...]:
    """Words that nobody else is likely to have."""
    letters = rng.integers(ord("a"), ord("z") + 1, (number, 7))
    return tuple("".join(map(chr, word)) for word in letters.tolist())
