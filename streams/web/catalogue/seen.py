"""What models say of listings' photos, as product events tell it: kept beside the offers, and looked for by tag."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from encoders.types import NOTHING_GENERATED, Generated
from streams.events.generated import read_generated
from streams.events.offers import Offer
from streams.web.tags import Tagged

SCHEMA: Final = """
create table if not exists tags (
    list text not null, word text not null collate nocase, number integer not null, listing_id text not null,
    primary key (list, word, number, listing_id)
) without rowid;
create index if not exists tags_by_product on tags (number, list, word);
"""

WORDS_SHOWN: Final = 24
"""Of each list."""

_LOOKED_UP: Final = 5_000
"""Of so many products at most each one's tags are looked up."""

_GENERATED: Final = """
select generated from members join products using (product_id) join offers using (number, listing_id)
where listing_id = ? limit 1
"""


class Facet(NamedTuple):
    """A list of phrases with how many products show each, the most frequent first."""

    list: str
    words: Sequence[tuple[str, int]]


def write_tags(connection: sqlite3.Connection, number: int, offers: Sequence[Offer]) -> None:
    """Replace the tags of a product's listings."""
    forget_tags(connection, number)
    connection.executemany(
        "insert or ignore into tags values (?, ?, ?, ?)",
        [(name, tag.word, number, offer.listing_id) for offer in offers for name, tag in offer.generated.tags.items()],
    )


def forget_tags(connection: sqlite3.Connection, number: int) -> None:
    """A product has none any more."""
    connection.execute("delete from tags where number = ?", (number,))


def generated_of(connection: sqlite3.Connection, listing_id: str) -> Generated:
    """What models say of a listing's photos; nothing where they say nothing, or it is in no product yet."""
    row = connection.execute(_GENERATED, (listing_id,)).fetchone()
    return (
        NOTHING_GENERATED if row is None or row["generated"] is None else read_generated(orjson.loads(row["generated"]))
    )


def showing(tags: Sequence[Tagged]) -> tuple[list[str], list[Any]]:
    """Conditions that products fulfil of which a photo shows each of these, and the values in them."""
    condition = "number in (select number from tags where list = ? and word = ?)"
    return [condition] * len(tags), [value for tag in tags for value in tag]


def facets(connection: sqlite3.Connection, found: str = "", values: Sequence[Any] = (), total: int = 0) -> list[Facet]:
    """How many products show what.

    Args:
        connection: to read from.
        found: SQL that selects the numbers of the products that count; empty for all.
        values: in it.
        total: how many these are.
    """
    if not found:
        among = "tags"
    elif total <= _LOOKED_UP:
        among = f"({found}) cross join tags using (number)"
    else:
        among = (
            f"tags where +number in ({found})"  # all tags in their order, for each product at random takes far longer
        )
    counted = connection.execute(
        f"select list, word, count(distinct number) as products from {among}"  # noqa: S608 - text of ours
        " group by list, word order by list, products desc, word",
        values,
    )
    by_list: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in counted:
        by_list[row["list"]].append((row["word"], row["products"]))
    return [Facet(name, words[:WORDS_SHOWN]) for name, words in by_list.items()]
