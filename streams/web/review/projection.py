"""What the page keeps of decisions on pairs, of votes and of judgements."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import orjson

from streams.events import Judgement, Message
from streams.events.matches import Match, MatchEvent
from streams.events.votes import Vote
from streams.web.review import queued
from streams.web.store.projection import Kind, Projection, readable

_SCHEMA: Final = """
create table if not exists told_pairs (
    owner text not null, other text not null, outcome text not null, similarity real not null,
    strong integer not null, evidence text not null, category text, primary key (owner, other)
) without rowid;

create table if not exists judgements (
    one text not null, other text not null, verdict text not null, by text not null, at text not null,
    primary key (one, other)
) without rowid;

create table if not exists votes (
    one text not null, other text not null, by text not null, verdict text not null, at text not null,
    primary key (one, other, by)
) without rowid;
create index if not exists votes_by_person on votes (by, at);
"""


def _of_matches(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for _, event in readable(messages, lambda message: MatchEvent.from_bytes(message.key, message.value)):
        owner = event.listing_id
        before = {row[0] for row in connection.execute("select other from told_pairs where owner = ?", (owner,))}
        connection.execute("delete from told_pairs where owner = ?", (owner,))
        told = {
            match.listing_id: _row(owner, outcome, match)
            for outcome, some in (("overruled", event.overruled), ("review", event.review), ("match", event.matches))
            for match in some or ()
        }
        connection.executemany(
            "insert into told_pairs values (?, ?, ?, ?, ?, ?, (select category from listings where listing_id = ?))",
            [(*row, owner) for row in told.values()],
        )
        queued.refresh(connection, owner, before | told.keys())


def _row(owner: str, outcome: str, match: Match) -> tuple[str, str, str, float, bool, str]:
    evidence = orjson.dumps(dict(match.evidence)).decode()
    return owner, match.listing_id, outcome, match.similarity, match.strong, evidence


def _of_judgements(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for _, judgement in readable(messages, lambda message: Judgement.from_bytes(message.key, message.value)):
        pair = judgement.listing_ids
        if judgement.verdict is None:
            connection.execute("delete from judgements where one = ? and other = ?", pair)
        else:
            values = (*pair, judgement.verdict, judgement.by, judgement.at)
            connection.execute("insert or replace into judgements values (?, ?, ?, ?, ?)", values)
        queued.recount(connection, pair)


def _of_votes(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for _, vote in readable(messages, lambda message: Vote.from_bytes(message.key, message.value)):
        pair = vote.listing_ids
        if vote.verdict is None:
            connection.execute("delete from votes where one = ? and other = ? and by = ?", (*pair, vote.by))
        else:
            values = (*pair, vote.by, vote.verdict, vote.at)
            connection.execute("insert or replace into votes values (?, ?, ?, ?, ?)", values)
        queued.recount(connection, pair)


def _of_listings(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for listing_id in {(message.key or b"").decode(errors="replace") for message in messages}:
        connection.execute(
            "update told_pairs set category = new.category from (select category from listings where listing_id = ?1)"
            " as new where owner = ?1 and told_pairs.category is not new.category",
            (listing_id,),
        )
        queued.move(connection, listing_id)


def _of_products(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    for product_id in {(message.key or b"").decode(errors="replace") for message in messages}:
        queued.weigh(connection, product_id)


REVIEW: Final = Projection(
    _SCHEMA + queued.SCHEMA,
    {
        Kind.MATCHES: _of_matches,
        Kind.JUDGEMENTS: _of_judgements,
        Kind.VOTES: _of_votes,
        Kind.LISTINGS: _of_listings,
        Kind.PRODUCTS: _of_products,
    },
)
