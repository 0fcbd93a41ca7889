"""Pairs that somebody may want to have explained, and what listings are called."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

import orjson

from streams.web.live.stories import StoryKind

_SHOWN: Final = 6


class Pair(NamedTuple):
    """Two listings with their titles, or ids where these are not known."""

    one: str
    other: str
    title: str
    other_title: str


def lately(connection: sqlite3.Connection) -> list[Pair]:
    """The pairs that something happened to last."""
    rows = connection.execute(
        "select about, others from stories where kind in (?, ?, ?) order by id desc limit ?",
        (StoryKind.FOUND, StoryKind.REVIEW, StoryKind.LOST, _SHOWN),
    ).fetchall()
    pairs = list(dict.fromkeys((row["about"], orjson.loads(row["others"])[0]) for row in rows))
    called = titles(connection, (one for pair in pairs for one in pair))
    return [Pair(one, other, called.get(one, one), called.get(other, other)) for one, other in pairs]


def titles(connection: sqlite3.Connection, listing_ids: Iterable[str]) -> dict[str, str]:
    """By listing id; those without one are left out."""
    found = {}
    for one in set(listing_ids):
        row = connection.execute("select title from listings where listing_id = ?", (one,)).fetchone()
        if row is not None and row["title"]:
            found[one] = row["title"]
    return found
