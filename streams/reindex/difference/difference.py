"""All that was found out about two generations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from encoders.metrics.lists import Rates
from streams.reindex.difference.judged import Judged
from streams.reindex.difference.pairs import ListDifference, Lists, Pair, pairs_of
from streams.reindex.difference.products import ProductDifference
from streams.reindex.difference.seen import Seen

Progress = Callable[[str, int], None]
"""Told what is read, and how many records more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find out besides the lists.

    Args:
        label: field of the listings that names the product; empty where there is none.
        labels: the product of each listing, where that is known from elsewhere.
    """

    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing as it is shown."""

    title: str = ""
    category: str = ""
    image: str = ""
    price: str = ""


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Pairs of listings that are both in one category.

    Args:
        before: pairs that the one generation has.
        after: pairs that the other has.
        gained: those that only the other has.
        lost: those that only the one has.
    """

    before: int
    after: int
    gained: int
    lost: int

    @property
    def share(self) -> float:
        """Of the pairs in either, those that would change."""
        either = self.before + self.gained
        return (self.gained + self.lost) / either if either else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change if `name` were live.

    Args:
        live: the generation that is live.
        name: the other one.
        lists: which pairs it gains and loses.
        products: which products it merges and splits.
        seen: how both see each pair that is gained or lost.
        categories: by name; empty where two listings are in different ones, or in none.
        judged: pairs that were judged same or different, of listings that both have.
        labelled: how right both are by the labels; None without labels.
        listings: those that are spoken of.
        lag: what each stage of the other has still to do; empty where all is done.
        told_by_others: lists on `matches` that another generation than the live one told last.
    """

    live: str
    name: str
    lists: ListDifference
    products: ProductDifference
    seen: Mapping[Pair, tuple[Seen, Seen]]
    categories: Mapping[str, CategoryCounts]
    judged: tuple[Judged, ...] = ()
    labelled: tuple[Rates, Rates] | None = None
    listings: Mapping[str, Listed] = field(default_factory=dict)
    lag: Mapping[str, int] = field(default_factory=dict)
    told_by_others: int = 0

    @property
    def share(self) -> float:
        """Of the pairs in either, those that would change."""
        return self.lists.share

    @property
    def gained(self) -> list[Pair]:
        """Pairs that only the other has; those it is the least sure of first."""
        return sorted(self.lists.gained, key=lambda pair: (self.seen[pair][1].score, pair))

    @property
    def lost(self) -> list[Pair]:
        """Pairs that only the live one has; those it is the surest of first."""
        return sorted(self.lists.lost, key=lambda pair: (-self.seen[pair][0].score, pair))

    @property
    def disagreed(self) -> list[Judged]:
        """Judged pairs that only one of the two models gets right by itself; those that get worse first."""
        return sorted((one for one in self.judged if one.disagreed), key=lambda one: (one.mended, one.pair))

    def listing(self, listing_id: str) -> Listed:
        """What is known of a listing; nothing of one that was not read."""
        return self.listings.get(listing_id, Listed())


def by_category(
    both: tuple[Lists, Lists], lists: ListDifference, categories: Mapping[str, str]
) -> dict[str, CategoryCounts]:
    """Count pairs by the category that both listings are in, the one with the most changes first.

    Args:
        both: all lists of the one generation and of the other.
        lists: how they differ.
        categories: of each listing, as its seller wrote it; case does not count.
    """
    some = (pairs_of(both[0]), pairs_of(both[1]), lists.gained, lists.lost)
    counts = [_counted(pairs, categories) for pairs in some]
    names = {folded: name for counted in reversed(counts) for folded, (name, _) in counted.items()}
    found = {
        name: CategoryCounts(*(counted.get(folded, ("", 0))[1] for counted in counts)) for folded, name in names.items()
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1].gained - item[1].lost, -item[1].before, item[0])))


def _counted(pairs: Iterable[Pair], categories: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """By the folded name: the name as it is written first, and how many pairs."""
    found: dict[str, tuple[str, int]] = {}
    for one, other in pairs:
        name, second = categories.get(one, ""), categories.get(other, "")
        if (folded := name.casefold()) != second.casefold():
            name = folded = ""
        first, number = found.get(folded, (name, 0))
        found[folded] = (first, number + 1)
    return found
