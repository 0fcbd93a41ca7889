"""A click log as columns of numbers: 12 bytes a click, beside each distinct session, query and listing once."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from streams.learning.positives.clicks import Click

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class ClickLog:
    """c distinct clicks on n known listings, sorted by session, then query, then listing.

    Args:
        queries: the texts that `query` counts.
        session: (c,) a number for each session.
        query: (c,) place in `queries`.
        listing: (c,) place among the known listings.
        size: n.
        sessions: how many there were.
        robots: sessions left out, because of more clicks than a person makes.
        unknown: clicks left out, because they were on other listings.
    """

    queries: Sequence[str]
    session: Numbers
    query: Numbers
    listing: Numbers
    size: int
    sessions: int
    robots: int
    unknown: int

    @classmethod
    def of(cls, clicks: Iterable[Click], listing_ids: Sequence[str], most: int) -> ClickLog:
        """Read the clicks once, in any order.

        Args:
            clicks: each as often as may be; a repeated one counts once.
            listing_ids: the known listings.
            most: clicks of one session; one with more is left out.
        """
        queries, sessions, columns = _columns(clicks, listing_ids)
        session, query, listing = _distinct(*columns)
        human = (np.bincount(session, minlength=sessions) <= most)[session]
        known = listing < len(listing_ids)
        robots = len(np.unique(session[~human]))
        unknown = int(np.count_nonzero(human & ~known))
        kept = human & known
        return cls(queries, session[kept], query[kept], listing[kept], len(listing_ids), sessions, robots, unknown)

    def __len__(self) -> int:
        """How many clicks."""
        return len(self.listing)

    @property
    def popularity(self) -> NDArray[np.intp]:
        """(n,) under how many searches each listing was clicked, a query within a session being one."""
        return np.bincount(self.listing, minlength=self.size)


def _columns(clicks: Iterable[Click], listing_ids: Sequence[str]) -> tuple[list[str], int, tuple[Numbers, ...]]:
    """The texts of queries, the number of sessions, and session, query and listing of each click."""
    sessions: dict[str, int] = defaultdict(count().__next__)
    queries: dict[str, int] = defaultdict(count().__next__)
    # Listings that are not known are numbered behind the known ones
    listings: dict[str, int] = defaultdict(count(len(listing_ids)).__next__)
    listings.update({one: number for number, one in enumerate(listing_ids)})
    session, query, listing = array("i"), array("i"), array("i")
    for click in clicks:
        session.append(sessions[click.session])
        query.append(queries[click.query])
        listing.append(listings[click.listing_id])
    return list(queries), len(sessions), tuple(np.array(one, dtype=np.int32) for one in (session, query, listing))


def _distinct(session: Numbers, query: Numbers, listing: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    order = np.lexsort((listing, query, session))
    session, query, listing = session[order], query[order], listing[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(session) != 0) | (np.diff(query) != 0) | (np.diff(listing) != 0)
    return session[new], query[new], listing[new]
