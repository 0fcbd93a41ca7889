"""What the figures of review are made of, as the page's tables tell it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from streams.events import Match, Verdict
from streams.matching.auditing import Pair, enough_unjudged
from streams.reindex.difference.seen import Place, Seen
from streams.web.review.agreement import Said

_JUDGED: Final = """
select said.one, said.other, said.verdict, said.by, said.at,
    coalesce(first.category, second.category, '') as category,
    coalesce(first.listed and second.listed, 0) as present,
    coalesce(there.outcome, back.outcome) as outcome,
    coalesce(there.similarity, back.similarity) as similarity,
    coalesce(there.evidence, back.evidence) as evidence
from judgements as said
left join listings as first on first.listing_id = said.one
left join listings as second on second.listing_id = said.other
left join told_pairs as there on there.owner = said.one and there.other = said.other
left join told_pairs as back on back.owner = said.other and back.other = said.one
order by said.one, said.other
"""
_UNJUDGED: Final = """
select one, other, place from queue where audit = 1 and judged = 0 and category is ? order by place limit ?
"""
_COUNTED: Final = "select audit, category, count(*) as pairs from queue where judged = 0 group by 1, 2"


class JudgedPair(NamedTuple):
    """A pair with a verdict.

    Attributes:
        pair: the two listings, in order.
        verdict: the standing one.
        by: who gave it.
        at: when.
        category: of the two, folded; empty without one.
        alone: whether the model matches the two by itself.
        told: whether they are told as a match.
        present: whether both listings are still there.
    """

    pair: Pair
    verdict: Verdict
    by: str
    at: str = ""
    category: str = ""
    alone: bool = False
    told: bool = False
    present: bool = True


class Unjudged(NamedTuple):
    """A match that nobody has judged, with its place in the audit."""

    lot: float
    pair: Pair
    category: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What people said, and what there is to say.

    Args:
        judged: every pair with a verdict.
        votes: what each person said.
        unjudged: of the matches without a verdict in each category, those that may be within the audit.
        matches: how many matches without a verdict there are, by category.
        waiting: how many pairs are in the queue, by category.
    """

    judged: Sequence[JudgedPair]
    votes: Sequence[Said] = ()
    unjudged: Sequence[Unjudged] = ()
    matches: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)


def known_of(connection: sqlite3.Connection) -> Known:
    """All of it."""
    judged = judged_of(connection)
    most = enough_unjudged(sum(one.alone for one in judged))
    counts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    unjudged: list[Unjudged] = []
    for row in connection.execute(_COUNTED).fetchall():
        category = (row["category"] or "").casefold()
        counts[bool(row["audit"])][category] += row["pairs"]
        if row["audit"]:
            found = connection.execute(_UNJUDGED, (row["category"], most))
            unjudged += [Unjudged(one["place"], (one["one"], one["other"]), category) for one in found]
    return Known(judged, votes_of(connection), unjudged, matches=counts[True], waiting=counts[False])


def judged_of(connection: sqlite3.Connection) -> list[JudgedPair]:
    """Every pair with a verdict, in the order of their ids."""
    return [_judged(row) for row in connection.execute(_JUDGED)]


def votes_of(connection: sqlite3.Connection) -> list[Said]:
    """What each person said."""
    rows = connection.execute("select one, other, by, verdict from votes order by one, other, by")
    return [Said((row["one"], row["other"]), row["by"], row["verdict"]) for row in rows]


def _judged(row: Mapping[str, Any] | sqlite3.Row) -> JudgedPair:
    seen = Seen()
    if row["outcome"] is not None:
        match = Match(row["other"], row["similarity"], orjson.loads(row["evidence"]))
        seen = Seen(Place(row["outcome"]), match)
    return JudgedPair(
        pair=(row["one"], row["other"]),
        verdict=Verdict(row["verdict"]),
        by=row["by"],
        at=row["at"],
        category=row["category"].casefold(),
        alone=seen.matched_alone,
        told=seen.place is Place.MATCH,
        present=bool(row["present"]),
    )
