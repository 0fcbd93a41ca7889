"""Asking for stories: the newest, older ones, what is new since; and the counters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import orjson

from streams.web.live.projection import MINUTE_MS
from streams.web.live.stories import Story, StoryKind

MINUTES: Final = 180
"""Of which the events are counted."""


_JUDGE: Final = """
select by from (
    select max(s.id) as latest, json_extract(s.facts, '$.by') as by from stories s
    join story_listings l on l.story_id = s.id
    where l.listing_id = ? and s.kind = 'judged' and json_extract(s.facts, '$.by') != ''
    union all
    select 0 as latest, by from judgements where one = ? or other = ?
) where latest is not null order by latest desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories somebody wants; empty fields want any.

    Args:
        category: that a listing of the story is in.
        seller: whose listing is in it.
        words: all of them stand in the title of one of its listings.
    """

    kind: StoryKind | None = None
    category: str = ""
    seller: str = ""
    words: str = ""

    def condition(self) -> tuple[str, list[str]]:
        """As SQL on a story `s`, with its values."""
        parts, values = [], []
        if self.kind is not None:
            parts.append("s.kind = ?")
            values.append(str(self.kind))
        words = self.words.casefold().split()
        of_listing = {"l.category = ?": self.category, "l.seller_id = ?": self.seller}
        inner = [(sql, value) for sql, value in of_listing.items() if value]
        inner += [("instr(casefolded(l.title), ?) > 0", word) for word in words]
        if inner:
            # crossed, so that the few listings of a story are looked up, and not all of a seller's
            listings = "select 1 from story_listings t cross join listings l using (listing_id) where t.story_id = s.id"
            parts.append(f"exists ({listings} and {' and '.join(sql for sql, _ in inner)})")
            values += [value for _, value in inner]
        return " and ".join(parts) or "true", values


@dataclass(frozen=True, slots=True)
class Told:
    """A story with its place among all."""

    id: int
    story: Story


@dataclass(frozen=True, slots=True)
class Some:
    """Stories, the newest first.

    Args:
        more: how many others there are of the same, older than these.
        up_to: all that was told up to this id was looked at.
    """

    told: Sequence[Told]
    more: int
    up_to: int


def newer(connection: sqlite3.Connection, wanted: Wanted, after: int, limit: int) -> Some:
    """The newest of those told after `after`."""
    return _some(connection, wanted, ("s.id > ? and s.id <= ?", [after, last_id(connection)]), limit)


def older(connection: sqlite3.Connection, wanted: Wanted, before: int, limit: int) -> Some:
    """The newest of those told before `before`."""
    return _some(connection, wanted, ("s.id < ?", [before]), limit)


def last_id(connection: sqlite3.Connection) -> int:
    """The id of the newest story; 0 where there is none."""
    found: int | None = connection.execute("select max(id) from stories").fetchone()[0]
    return found or 0


def _some(connection: sqlite3.Connection, wanted: Wanted, place: tuple[str, list[int]], limit: int) -> Some:
    connection.create_function("casefolded", 1, _casefolded, deterministic=True)
    condition, values = wanted.condition()
    where = f"from stories s where {place[0]} and {condition}"
    parameters: list[Any] = [*place[1], *values]
    rows = connection.execute(f"select s.* {where} order by s.id desc limit ?", [*parameters, limit]).fetchall()
    more = 0
    if len(rows) == limit:
        [count] = connection.execute(f"select count(*) {where}", parameters).fetchone()
        more = max(0, count - limit)
    return Some([_told(row) for row in rows], more, place[1][-1])


def _told(row: sqlite3.Row) -> Told:
    others, facts = tuple(orjson.loads(row["others"])), orjson.loads(row["facts"])
    story = Story(StoryKind(row["kind"]), row["about"], others, row["at_ms"], row["cause"], facts)
    return Told(row["id"], story)


def _casefolded(title: str | None) -> str:
    return (title or "").casefold()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a listing."""

    listing_id: str
    title: str = ""
    photo: bool = False
    seller: str = ""
    price: str = ""
    currency: str = ""


def shown(connection: sqlite3.Connection, listing_ids: Iterable[str]) -> dict[str, Shown]:
    """The listings that are known among these; also those that were withdrawn."""
    result = {}
    for one in set(listing_ids):
        row = connection.execute(
            "select l.title, l.image, l.seller_id, o.price, o.currency from listings l"
            " left join live_offers o using (listing_id) where l.listing_id = ?",
            (one,),
        ).fetchone()
        if row is not None:
            texts = [row[name] or "" for name in ("seller_id", "price", "currency")]
            result[one] = Shown(one, row["title"] or "", row["image"] is not None, *texts)
    return result


def judges(connection: sqlite3.Connection, stories: Iterable[Story]) -> dict[str, str]:
    """Who judged last on each of these listings, also where it was taken back since."""
    result = {}
    for one in set(chain.from_iterable((story.about, *story.others) for story in stories)):
        row = connection.execute(_JUDGE, (one, one, one)).fetchone()
        if row is not None and row["by"]:
            result[one] = row["by"]
    return result


@dataclass(frozen=True, slots=True)
class Counters:
    """How much there is, and how much happens.

    Args:
        compared: products of more than one listing.
        matches: pairs.
        minutes: events in each of the last minutes, the newest last.
        newest_ms: when the newest event was found.
    """

    listings: int
    products: int
    compared: int
    matches: int
    reviews: int
    minutes: tuple[int, ...]
    newest_ms: int | None


def counters(connection: sqlite3.Connection, now_ms: int) -> Counters:
    """As of now."""
    listings, matches, reviews = connection.execute(
        "select count(*), coalesce(sum(matches), 0), coalesce(sum(reviews), 0) from live_lists"
    ).fetchone()
    products, compared = connection.execute(
        "select count(*), coalesce(sum(listings > 1), 0) from live_products"
    ).fetchone()
    this = now_ms // MINUTE_MS
    counted = dict(
        connection.execute("select minute, events from live_minutes where minute > ?", (this - MINUTES,)).fetchall()
    )
    minutes = tuple(counted.get(minute, 0) for minute in range(this - MINUTES + 1, this + 1))
    newest = connection.execute("select max(at_ms) from stories").fetchone()[0]
    return Counters(listings, products, compared, matches, reviews, minutes, newest)
