"""A difference as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.evaluation.page import template
from streams.reindex.difference.difference import Difference, Listed
from streams.reindex.difference.judged import Judged, figures_of, interval
from streams.reindex.difference.pairs import Pair
from streams.reindex.difference.products import Regrouped

_MEMBERS: Final = 12
"""Listings of a product that are shown."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page shows of the pairs and products that would change."""

    gained: Sequence[Pair]
    lost: Sequence[Pair]
    disagreed: Sequence[Judged]
    merged: Sequence[Regrouped]
    split: Sequence[Regrouped]

    def images(self, difference: Difference) -> list[str]:
        """References of the photos that the page shows."""
        pairs = (*self.gained, *self.lost, *(one.pair for one in self.disagreed))
        products = (shown_of(one) for one in (*self.merged, *self.split))
        ids = [one for pair in pairs for one in pair] + [one for parts in products for part in parts for one in part]
        return [image for one in ids if (image := difference.listing(one).image)]


@dataclass(frozen=True, slots=True)
class Card:
    """One listing, as the page shows it."""

    listing_id: str
    listed: Listed
    photo: str | None


def chosen(difference: Difference, top: int) -> Chosen:
    """The first of each kind."""
    return Chosen(
        difference.gained[:top],
        difference.lost[:top],
        difference.disagreed[:top],
        difference.products.merged[:top],
        difference.products.split[:top],
    )


def shown_of(one: Regrouped) -> list[Sequence[str]]:
    """The listings of a product that are shown: some of each part, so that the last part is there too."""
    each = max(1, _MEMBERS // len(one.parts))
    return [part[:each] for part in one.parts[:_MEMBERS]]


def page(difference: Difference, shown: Chosen, photos: Mapping[str, str]) -> str:
    """The page: figures, categories, and what would change with both sides' evidence.

    Args:
        difference: what came out.
        shown: which pairs and products the page has.
        photos: data URIs by image reference.
    """

    def cards(listing_ids: Iterable[str]) -> list[Card]:
        listed = [(one, difference.listing(one)) for one in listing_ids]
        return [Card(one, some, photos.get(some.image)) for one, some in listed]

    return template("difference.html").render(
        difference=difference,
        lists=difference.lists,
        shown=shown,
        cards=cards,
        parts_of=shown_of,
        figures=figures_of(difference.judged),
        interval=interval,
    )
