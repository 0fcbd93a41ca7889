"""The table of pairs that wait for people, kept as what they hang on changes: what comes next is one look away."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import orjson

from streams.events.matches import Match
from streams.web.review.worth import closeness, informative, joined, lot

SCHEMA: Final = """
create table if not exists queue (
    one text not null, other text not null, audit integer not null, close real not null, joined integer not null,
    place real not null, category text, votes integer not null, judged integer not null, primary key (one, other)
) without rowid;
create index if not exists queue_by_other on queue (other);
create index if not exists queue_in_order on queue (audit, judged, votes desc, place, one, other);
create index if not exists queue_by_category on queue (audit, judged, category, votes desc, place, one, other);

create table if not exists weighed (
    product_id text not null, listing_id text not null, primary key (product_id, listing_id)
) without rowid;
"""
"""A pair is here if one of its listings is told with the other, to be looked at or as a match (`audit`).

`place` is what the order goes by, the lowest first: how informative a verdict would be, or in the audit its lot.
`joined` is what is at stake; 1 in the audit, where that does not count.
`weighed` has the members of each product as they were when its pairs were last put in order: those who left count too.
"""

_TOLD: Final = """
select owner, other, outcome, similarity, evidence from told_pairs
    where owner = ?1 and other in (select value from json_each(?2)) and outcome <> 'overruled'
union all
select owner, other, outcome, similarity, evidence from told_pairs
    where owner in (select value from json_each(?2)) and other = ?1 and outcome <> 'overruled'
"""
_KNOWN: Final = """
select one, other, audit, close, joined, place from queue where one = ?1 and other in (select value from json_each(?2))
union all
select one, other, audit, close, joined, place from queue where other = ?1 and one in (select value from json_each(?2))
"""
_ADDED: Final = """
insert into queue select ?1, ?2, ?3, ?4, ?5, ?6,
    coalesce(
        (select category from listings where listing_id = ?1), (select category from listings where listing_id = ?2)
    ),
    (select count(*) from votes where one = ?1 and other = ?2),
    exists (select 1 from judgements where one = ?1 and other = ?2)
"""
_AROUND: Final = """
select one, other, close, joined from json_each(?1) cross join queue on one = value where +audit = 0
union
select one, other, close, joined from json_each(?1) cross join queue on other = value where +audit = 0
"""
"""A plus keeps SQLite from going by that column, where most rows are alike."""

_Pair = tuple[str, str]
_Row = tuple[str, str, bool, float, int, float]


def refresh(connection: sqlite3.Connection, owner: str, others: Collection[str]) -> None:
    """Put the pairs of a listing with some others into the queue as they are told now, or take them out."""
    if not others:
        return
    told: dict[_Pair, tuple[bool, float]] = {}
    for row in connection.execute(_TOLD, (owner, _json(others))):
        pair = _ordered(row["owner"], row["other"])
        audit, close = _seen(row)
        # where the two listings' lists differ for a moment, the pair is one to look at
        told[pair] = min(told.get(pair, (audit, close)), (audit, close))
    sizes = sizes_of(connection, (owner, *others))
    now = {pair: _row(pair, *seen, sizes) for pair, seen in told.items()}
    before = {(row[0], row[1]): tuple(row) for row in connection.execute(_KNOWN, (owner, _json(others))).fetchall()}
    connection.executemany(
        "delete from queue where one = ? and other = ?", [pair for pair, row in before.items() if now.get(pair) != row]
    )
    connection.executemany(_ADDED, [row for pair, row in now.items() if before.get(pair) != row])


def recount(connection: sqlite3.Connection, pair: _Pair) -> None:
    """Say how many votes a pair has, and whether it is judged."""
    connection.execute(
        "update queue set votes = (select count(*) from votes where one = ?1 and other = ?2),"
        " judged = exists (select 1 from judgements where one = ?1 and other = ?2) where one = ?1 and other = ?2",
        pair,
    )


def move(connection: sqlite3.Connection, listing_id: str) -> None:
    """Give the pairs of a listing the category that it has now."""
    new = (
        "coalesce((select category from listings where listing_id = queue.one),"
        " (select category from listings where listing_id = queue.other))"
    )
    connection.execute(
        f"update queue set category = {new} where (one = ?1 or other = ?1) and category is not {new}",  # noqa: S608 - text of ours
        (listing_id,),
    )


def weigh(connection: sqlite3.Connection, product_id: str) -> None:
    """Order the pairs of a product's listings by what is at stake now."""
    now, before = (
        {row[0] for row in connection.execute(f"select listing_id from {table} where product_id = ?", (product_id,))}  # noqa: S608 - text of ours
        for table in ("members", "weighed")
    )
    if now == before:
        return
    connection.execute("delete from weighed where product_id = ?", (product_id,))
    connection.executemany("insert into weighed values (?, ?)", [(product_id, listing_id) for listing_id in now])
    _weigh(connection, now | before)


def _weigh(connection: sqlite3.Connection, members: Collection[str]) -> None:
    found = connection.execute(_AROUND, (_json(members),)).fetchall()
    sizes = sizes_of(connection, {listing_id for row in found for listing_id in (row["one"], row["other"])})
    changed = [
        (at_stake, -informative(row["close"], at_stake), row["one"], row["other"])
        for row in found
        if (at_stake := joined(sizes, row["one"], row["other"])) != row["joined"]
    ]
    connection.executemany("update queue set joined = ?, place = ? where one = ? and other = ?", changed)


def sizes_of(connection: sqlite3.Connection, listing_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Of listings that are in a product, its id and how many listings it has."""
    rows = connection.execute(
        "select listing_id, product_id, listings from members join products using (product_id)"
        " where listing_id in (select value from json_each(?)) order by product_id",
        (_json(listing_ids),),
    )
    return {row["listing_id"]: (row["product_id"], row["listings"]) for row in rows}


def _seen(row: Mapping[str, str] | sqlite3.Row) -> tuple[bool, float]:
    """Whether a told pair is a match, and how close to the threshold otherwise."""
    told = Match(row["other"], float(row["similarity"]), orjson.loads(row["evidence"]))
    return row["outcome"] == "match", closeness(told)


def _row(pair: _Pair, audit: bool, close: float, sizes: Mapping[str, tuple[str, int]]) -> _Row:  # noqa: FBT001 - a column
    at_stake = 1 if audit else joined(sizes, *pair)
    return (*pair, audit, close, at_stake, lot(*pair) if audit else -informative(close, at_stake))


def _json(listing_ids: Iterable[str]) -> str:
    return orjson.dumps([*listing_ids]).decode()


def _ordered(*listing_ids: str) -> _Pair:
    one, other = sorted(listing_ids)
    return one, other


__all__ = ["SCHEMA", "move", "recount", "refresh", "sizes_of", "weigh"]
