"""What of listings decides whether two that were clicked are one product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from streams.events import ListingEvent
from streams.learning.listed import listed

_SEPARATORS = (">", "»", "›", "|", "/")  # noqa: RUF001 - the arrow heads of breadcrumbs


@dataclass(frozen=True, slots=True)
class Catalogue:
    """n listings.

    Args:
        listing_ids: sorted.
        titles: of each; empty where it has none.
        leaves: the leaf category of each; empty where it has none.
    """

    listing_ids: tuple[str, ...]
    titles: tuple[str, ...]
    leaves: tuple[str, ...]

    @classmethod
    def of(cls, events: Iterable[ListingEvent]) -> Self:
        """What is listed after all the events of a file."""
        found = sorted((one, event.listing) for one, event in listed(events).items() if event.listing)
        return cls(
            tuple(one for one, _ in found),
            tuple(listing.title or "" for _, listing in found),
            tuple(leaf_of(listing.category or "") for _, listing in found),
        )

    @property
    def leaf_codes(self) -> NDArray[np.int32]:
        """(n,) leaf categories as numbers; -1 where there is none."""
        numbers = {leaf: number for number, leaf in enumerate(sorted(set(self.leaves) - {""}))}
        return np.array([numbers.get(leaf, -1) for leaf in self.leaves], dtype=np.int32)


def leaf_of(category: str) -> str:
    """The last part of a category path, as in 'Phones > Cases' or, without an arrow, 'Phones/Cases'; case folded."""
    separator = next((one for one in _SEPARATORS if one in category), None)
    parts = [" ".join(part.casefold().split()) for part in category.split(separator or "\0")]
    return next((part for part in reversed(parts) if part), "")
