"""Looking through the products: filters, orders, pages, and how many there are of each category."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import orjson

from streams.web.catalogue.seen import Facet, facets, showing
from streams.web.catalogue.summaries import recently
from streams.web.catalogue.wishes import Order, Wish, place_after, place_of

_MOST_TERMS: Final = 12
_CATEGORIES_SHOWN: Final = 200
_SHOWN: Final = (
    "select number, product_id, title, category, oversized, event, browsed.* from browsed join products using (number)"
    " where number in (select value from json_each(?))"
)
_CURRENCIES: Final = """
with recursive one (currency) as (
    select min(currency) from bests
    union all select (select min(currency) from bests where currency > one.currency) from one where currency is not null
) select currency from one where currency is not null
"""
"""By the index, from one to the next."""
_BLANKS: Final = re.compile(r"\s+")


class Found(NamedTuple):
    """A page of products.

    Attributes:
        rows: of the table of products.
        categories: with how many products there are of each, whichever category was asked for; the largest first.
        tags: what their photos show, by list, with how many products show each.
        total: products on all pages.
        after: for the next page; empty where there is none.
    """

    rows: Sequence[sqlite3.Row]
    categories: Sequence[tuple[str, int]]
    tags: Sequence[Facet]
    total: int
    after: str


def browse(connection: sqlite3.Connection, wish: Wish) -> Found:
    """One page of the products that somebody wishes to see."""
    rows = _rows(connection, wish)
    categories, total = _counts(connection, wish)
    more = len(rows) > wish.limit
    rows = rows[: wish.limit]
    return Found(
        rows, categories, _facets(connection, wish, total), total, place_after(wish.order, rows[-1]) if more else ""
    )


def currencies(connection: sqlite3.Connection) -> list[str]:
    """All that something is offered in."""
    return [row[0] for row in connection.execute(_CURRENCIES)]


def _rows(connection: sqlite3.Connection, wish: Wish) -> list[sqlite3.Row]:
    tables, where, values = _asked(wish)
    column = wish.order.column
    if (place := place_of(wish)) is not None:
        where.append(f"({column}, number) < (?, ?)")
        values += place
    found = f"select number from {tables} {_where(where)} order by {column} desc, number desc limit ?"  # noqa: S608 - fixed words
    numbers = [row["number"] for row in connection.execute(found, [*values, wish.limit + 1])]
    rows = {row["number"]: row for row in connection.execute(_SHOWN, (orjson.dumps(numbers).decode(),))}
    return [rows[number] for number in numbers if number in rows]


def _counts(connection: sqlite3.Connection, wish: Wish) -> tuple[list[tuple[str, int]], int]:
    tables, where, values = _asked(replace(wish, category=""))
    sql = f"select category, count(*) from {tables} {_where(where)} group by category"  # noqa: S608 - likewise
    counted = connection.execute(sql, values).fetchall()
    wanted = [row for row in counted if not wish.category or _same_name(row[0], wish.category)]
    named = sorted(((row[0], row[1]) for row in counted if row[0]), key=lambda one: (-one[1], one[0]))
    return named[:_CATEGORIES_SHOWN], sum(row[1] for row in wanted)


def _facets(connection: sqlite3.Connection, wish: Wish, total: int) -> list[Facet]:
    tables, where, values = _asked(wish)
    found = f"select number from {tables} {_where(where)}" if where else ""  # noqa: S608 - likewise
    return facets(connection, found, values, total)


def _asked(wish: Wish) -> tuple[str, list[str], list[Any]]:
    """Tables, conditions, and the values in them, in their order."""
    tables, where, values = "browsed", list[str](), list[Any]()
    if wish.currency and not wish.seller:
        tables = "browsed cross join bests using (number)"  # in this order: the other one looks up products at random
    by_price, prices = _by_price(wish)
    where += by_price
    values += prices
    if terms := _terms(wish.words):
        where.append("+number in (select rowid from product_words where product_words match ?)")
        values.append(terms)
    if wish.category:
        where.append("category = ?")
        values.append(wish.category)
    if wish.sellers > 1:
        where.append("sellers >= ?")
        values.append(wish.sellers)
    shown, tags = showing(wish.tags)
    where += shown
    values += tags
    if wish.order is Order.SPREAD:
        where.append("spread > 0")
    if wish.order is Order.DROP:
        where.append("fall > 0 and fell_at >= ?")
        values.append(recently())
    return tables, where, values


def _by_price(wish: Wish) -> tuple[list[str], list[Any]]:
    asked: tuple[tuple[str, Any], ...] = (
        ("seller_id = ?", wish.seller or None),
        ("currency = ?", wish.currency or None),
        ("amount >= ?", wish.least),
        ("amount <= ?", wish.most),
    )
    where = [sql for sql, value in asked if value is not None]
    if wish.seller:
        where = [f"number in (select number from offers {_where(where)})"]  # noqa: S608 - likewise
    return where, [value for _, value in asked if value is not None]


def _where(conditions: Sequence[str]) -> str:
    return "where " + " and ".join(conditions) if conditions else ""


def _terms(words: str) -> str:
    """Words in the language of the full-text search, each quoted, so that none of them is read as part of it."""
    printable = "".join(one if one.isprintable() else " " for one in words).encode(errors="replace").decode()
    terms = [term for term in _BLANKS.split(printable) if any(map(str.isalnum, term))]
    return " ".join('"' + term.replace('"', '""') + '"*' for term in terms[:_MOST_TERMS])


def _same_name(one: str | None, other: str) -> bool:
    """As the database compares them: letters without marks in either case."""
    return one is not None and _ascii_lower(one) == _ascii_lower(other)


def _ascii_lower(text: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in text)
