"""Two listings clicked under one query within one session, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.learning.positives.log import ClickLog, Numbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CoClicks:
    """t times that two listings were clicked under one query within one session.

    Args:
        one: (t,) place of a listing.
        other: (t,) place of the other, which is greater.
        query: (t,) place of the query.
        session: (t,) number of the session.
        size: n, how many listings there are.
    """

    one: Numbers
    other: Numbers
    query: Numbers
    session: Numbers
    size: int

    @classmethod
    def of(cls, log: ClickLog) -> CoClicks:
        """Every two different listings of one search."""
        one, other = (np.concatenate(ends) for ends in zip(*_ends(log), strict=True))
        return cls(log.listing[one], log.listing[other], log.query[one], log.session[one], log.size)

    def __len__(self) -> int:
        """How many times."""
        return len(self.one)

    def at(self, kept: Flags) -> CoClicks:
        """Some of them."""
        return CoClicks(self.one[kept], self.other[kept], self.query[kept], self.session[kept], self.size)

    @property
    def codes(self) -> NDArray[np.int64]:
        """(t,) the two listings as one number."""
        return self.one.astype(np.int64) * self.size + self.other

    @property
    def pairs(self) -> int:
        """How many pairs of listings."""
        return len(np.unique(self.codes))


def _ends(log: ClickLog) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The places of two clicks of one search: neighbors in the log, then those with one between them, and so on."""
    new = np.ones(len(log.session), dtype=bool)
    new[1:] = (np.diff(log.session) != 0) | (np.diff(log.query) != 0)
    search = np.cumsum(new)
    first = np.arange(len(search))
    step = 0
    yield first[:0], first[:0]
    while len(first):
        step += 1
        first = first[first + step < len(search)]
        first = first[search[first + step] == search[first]]
        yield first, first + step


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """What speaks for each of p pairs.

    Args:
        one: (p,) place of a listing.
        other: (p,) place of the other, which is greater.
        queries: (p,) under how many queries the two were clicked.
        sessions: (p,) in how many sessions.
        score: (p,) float64, how often they were clicked together, against how often each was clicked.
    """

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    queries: NDArray[np.intp]
    sessions: NDArray[np.intp]
    score: NDArray[np.float64]

    @classmethod
    def of(cls, found: CoClicks, popularity: NDArray[np.intp], damping: float) -> Support:
        """Count them: score = co-clicks / (clicks of one * clicks of the other) ** damping, to six decimals.

        Damping 0.5 is the cosine of the two listings' clicks; a higher one is harder on what everybody clicks.

        Source: the cosine and the power of popularity of item-to-item recommendation, Deshpande and Karypis,
        Item-based top-N recommendation algorithms, 2004, section 4.1; there the power stands on one side only.
        """
        codes, pair, times = np.unique(found.codes, return_inverse=True, return_counts=True)
        one, other = np.divmod(codes, max(found.size, 1))
        clicks = popularity[one].astype(np.float64) * popularity[other]
        return cls(
            one,
            other,
            _distinct_per(pair, found.query, len(codes)),
            _distinct_per(pair, found.session, len(codes)),
            np.round(times / clicks**damping, 6),
        )

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.one)

    def at(self, kept: Flags) -> Support:
        """Some of them."""
        return Support(self.one[kept], self.other[kept], self.queries[kept], self.sessions[kept], self.score[kept])

    def best_of_each(self, most: int) -> Flags:
        """(p,) whether a pair is among so many best ones of both its listings; ties go by the listings' order."""
        rank = np.empty(len(self), dtype=np.intp)
        rank[np.lexsort((self.other, self.one, -self.sessions, -self.score))] = np.arange(len(self))
        ends = np.concatenate([self.one, self.other])
        order = np.lexsort((np.tile(rank, 2), ends))
        place = np.empty(len(ends), dtype=np.intp)
        place[order] = np.arange(len(ends)) - np.searchsorted(ends[order], ends[order])
        kept: Flags = np.all((place < most).reshape(2, -1), axis=0)
        return kept


def _distinct_per(pair: NDArray[np.intp], value: Numbers, pairs: int) -> NDArray[np.intp]:
    """(pairs,) how many different values each pair has."""
    width = int(value.max(initial=0)) + 1
    return np.bincount(np.unique(pair * width + value) // width, minlength=pairs)
