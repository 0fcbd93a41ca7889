"""What is learned from: listings with the product they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.errors import TrainingError
from encoders.metrics import product_codes
from encoders.types import Embedding, Modality, Numeric


@dataclass(frozen=True, slots=True)
class Example:
    """One listing.

    Args:
        listing_id: whose.
        label: the product it shows.
        title: empty where it has none.
        image: the photo's file, or None.
        category: what is hard to tell apart from it is in the same.
        rows: what frozen encoders made of it, where a recipe trains on that.
        numbers: what it states in numbers, likewise.
    """

    listing_id: str
    label: str
    title: str = ""
    image: Path | None = None
    category: str = ""
    rows: Embedding = field(default_factory=dict)
    numbers: Mapping[Numeric, float] = field(default_factory=dict)

    def has(self, modality: Modality) -> bool:
        """Whether there is content to be encoded in this modality."""
        return self.image is not None if modality is Modality.IMAGE else bool(self.title)


@dataclass(frozen=True)
class Examples:
    """n listings, in an order of their own: by id, so that the order of a file decides nothing."""

    all: tuple[Example, ...]

    @classmethod
    def of(cls, examples: Iterable[Example]) -> Examples:
        """Put them in order."""
        return cls(tuple(sorted(examples, key=lambda one: one.listing_id)))

    def __len__(self) -> int:
        """How many listings."""
        return len(self.all)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """(n,) the products as numbers from 0 on, in the order of their labels."""
        return product_codes([one.label for one in self.all]).astype(np.int64)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """(k,) how many listings each product has."""
        return np.bincount(self.codes).astype(np.int64)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """(n,) the categories as numbers: what is hard to tell apart is in one."""
        return product_codes([one.category for one in self.all]).astype(np.int64)

    @property
    def products(self) -> int:
        """How many products."""
        return len(self.counts)

    @property
    def several(self) -> int:
        """How many products have more than one listing."""
        return int((self.counts > 1).sum())

    def with_content(self, modality: Modality) -> Examples:
        """Those that can be encoded in this modality."""
        return Examples(tuple(one for one in self.all if one.has(modality)))

    def digest(self) -> str:
        """Of what the listings say; photos by name and size.

        Raises:
            TrainingError: a photo is gone.
        """
        return _digest_of(part for one in self.all for part in _said(one))

    def rows_digest(self) -> str:
        """Of what frozen encoders made of them, which other machines may round otherwise."""
        rows = (one.rows[modality] for one in self.all for modality in sorted(one.rows))
        return _digest_of(row.tobytes() for row in rows if isinstance(row, np.ndarray))


def _said(one: Example) -> Iterator[bytes]:
    numbers = (f"{name}:{value!r}" for name, value in sorted(one.numbers.items()))
    parts = (one.listing_id, one.label, one.title, *_photo(one), one.category, *numbers, *sorted(one.rows), "")
    return (part.encode("utf-8", "surrogatepass") for part in parts)


def _photo(one: Example) -> tuple[str, str]:
    if one.image is None:
        return "", ""
    try:
        return one.image.name, str(one.image.stat().st_size)
    except OSError as error:
        raise unreadable_photo(one, error) from error


def unreadable_photo(one: Example, error: Exception) -> TrainingError:
    """A listing's photo that could be read before training began, and can't be any more."""
    subject, got = f"listing '{one.listing_id}'", f"a photo that can't be read ({error})"
    return TrainingError(subject, got, "a picture", "mend or remove it")


def _digest_of(parts: Iterable[bytes]) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
