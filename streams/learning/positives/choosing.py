"""Which pairs of clicked listings are positives: one constraint after the other, each counted.

A click says that a title looked like what was searched for, not that two listings are one product; who compares
phones clicks several. What is left after the constraints is right more often, never always.

Source: Alibaba's same-style products, as far as published: positives are sampled from the click log under
constraints of category and relevance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streams.learning.positives.catalogue import Catalogue
from streams.learning.positives.coclicks import CoClicks, Flags, Support
from streams.learning.positives.log import ClickLog
from streams.learning.positives.similarity import Read, similarities
from streams.matching.rows import Floats


@dataclass(frozen=True, slots=True)
class Limits:
    """What two listings need to be a positive.

    Args:
        same_leaf: both have a category, and its last part is the same.
        relevance: similarity of each title to the query.
        likeness: similarity of the two titles to each other.
        sessions: in how many sessions they were clicked under one query.
        damping: power that popularity counts with; see `Support`.
        score: what the score reaches.
        per_listing: pairs that a listing keeps, the best first.
    """

    same_leaf: bool = True
    relevance: float = 0.1
    likeness: float = 0.25
    sessions: int = 2
    damping: float = 0.5
    score: float = 0.1
    per_listing: int = 20


@dataclass(frozen=True, slots=True)
class Positive:
    """Two listings that are taken for one product.

    Args:
        a: a listing.
        b: the other, which is greater.
        score: the higher the better.
        queries: under how many queries they were clicked.
        sessions: in how many sessions.
    """

    a: str
    b: str
    score: float
    queries: int
    sessions: int

    def to_json(self) -> dict[str, Any]:
        """As a line of a file of pairs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """A constraint, and how many pairs it left.

    Args:
        name: in words.
        left: pairs.
        remedy: how it is loosened.
    """

    name: str
    left: int
    remedy: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came out; the first step is the pairs there were."""

    positives: Sequence[Positive]
    steps: Sequence[Step]


def choose_positives(log: ClickLog, catalogue: Catalogue, read: Read, limits: Limits) -> Chosen:
    """The positives of a click log, sorted by their listings.

    Args:
        log: of clicks on the listings of the catalogue.
        catalogue: what was clicked.
        read: how texts are compared.
        limits: what a positive needs.
    """
    found = CoClicks.of(log)
    steps = [Step("clicked under one query in one session", found.pairs, "log the session and the query of each click")]
    if limits.same_leaf:
        leaf = catalogue.leaf_codes
        found = found.at((leaf[found.one] == leaf[found.other]) & (leaf[found.one] >= 0))
        steps.append(Step("of one leaf category", found.pairs, "use --any-category, or give listings a category"))
    relevance, likeness = _similarities(found, log, catalogue, read)
    relevant = relevance >= limits.relevance
    found, likeness = found.at(relevant), likeness[relevant]
    steps.append(Step(f"titles like the query, from {limits.relevance:g}", found.pairs, "lower --relevance"))
    found = found.at(likeness >= limits.likeness)
    steps.append(Step(f"titles like each other, from {limits.likeness:g}", found.pairs, "lower --likeness"))
    support = Support.of(found, log.popularity, limits.damping)
    for name, kept, remedy in _demands(limits):
        support = support.at(kept(support))
        steps.append(Step(name, len(support), remedy))
    return Chosen(_positives(support, catalogue.listing_ids), steps)


def _similarities(found: CoClicks, log: ClickLog, catalogue: Catalogue, read: Read) -> tuple[Floats, Floats]:
    """Of the less similar title to the query, and of the two titles to each other: (t,) each."""
    queries, query = np.unique(found.query, return_inverse=True)
    listings, ends = np.unique(np.stack([found.one, found.other]), return_inverse=True)
    rows = read([*(log.queries[one] for one in queries), *(catalogue.titles[one] for one in listings)])
    one, other = ends.reshape(2, -1) + len(queries)
    relevance = np.minimum(similarities(rows, query, one), similarities(rows, query, other))
    return relevance, similarities(rows, one, other)


def _demands(limits: Limits) -> Iterator[tuple[str, Callable[[Support], Flags], str]]:
    """What is asked of a pair's support: in words, which have it, and how it is loosened."""
    yield f"clicked in {limits.sessions} sessions", lambda found: found.sessions >= limits.sessions, "lower --sessions"
    score = "lower --score or --damping"
    yield f"score damped by popularity, from {limits.score:g}", lambda found: found.score >= limits.score, score
    most = f"among the best {limits.per_listing} of both listings"
    yield most, lambda found: found.best_of_each(limits.per_listing), "raise --per-listing"


def _positives(support: Support, listing_ids: Sequence[str]) -> list[Positive]:
    columns = (support.one, support.other, support.score, support.queries, support.sessions)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Positive(listing_ids[one], listing_ids[other], *rest) for one, other, *rest in rows]
