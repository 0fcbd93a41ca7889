"""Which products somebody wishes to see, in which order, from where on."""

from __future__ import annotations

import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from streams.errors import UploadError
from streams.web.tags import Tagged

MOST_SELLERS: Final = 10_000
LARGEST_PAGE: Final = 100


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    """The product that changed last."""

    OFFERS = "offers"
    """The product with the most offers."""

    SPREAD = "spread"
    """The product whose cheapest offer is the furthest below its dearest; only those with two prices."""

    DROP = "drop"
    """The product with an offer whose price fell the furthest within a week; only those with one."""

    @property
    def column(self) -> str:
        """What is ordered by, downwards."""
        return {"newest": "occurred_at", "offers": "listings", "spread": "spread", "drop": "fall"}[self]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which products, in which order.

    Args:
        words: all of them begin a word of its titles.
        category: that most of its listings are in, in whatever case (of Latin letters without marks).
        seller: who offers it, exactly.
        currency: that it is offered in; `least` and `most` are prices in it.
        least: what the cheapest offer costs at least; with a seller, what this one asks.
        most: likewise, at most.
        sellers: at least so many.
        tags: what photos of its listings show, as models see them; each on one at least.
        after: where the page before ended, as `Found.after` said.

    Raises:
        UploadError: a price without a currency, or the least above the most, or a strange `after`.
    """

    words: str = ""
    category: str = ""
    seller: str = ""
    currency: str = ""
    least: float | None = None
    most: float | None = None
    sellers: int = 0
    tags: tuple[Tagged, ...] = ()
    order: Order = Order.NEWEST
    after: str = ""
    limit: int = 24

    def __post_init__(self) -> None:
        if not self.currency and (self.least is not None or self.most is not None):
            raise _refused("price", "no currency to it", "one such as EUR", "name it, for prices of two do not compare")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise _refused("price", f"from {self.least:g} to {self.most:g}", "the lower one first", "change the two")
        place_of(self)


def place_after(order: Order, row: sqlite3.Row) -> str:
    """What `after` is told for the page behind a row."""
    place = orjson.dumps([order, row[order.column], row["number"]])
    return urlsafe_b64encode(place).decode().rstrip("=")


def place_of(wish: Wish) -> list[Any] | None:
    """Where the page before ended.

    Raises:
        UploadError: it is none of ours, or of another order.
    """
    if not wish.after:
        return None
    try:
        order, value, number = orjson.loads(urlsafe_b64decode(wish.after + "=" * (-len(wish.after) % 4)))
        ours = order == wish.order and isinstance(number, int) and abs(number) < 2**63
        if not ours or not isinstance(value, str if wish.order is Order.NEWEST else int | float) or _too_large(value):
            raise ValueError("a place in another order")  # noqa: TRY301 - one error for whatever is wrong with it
    except (ValueError, TypeError) as error:
        wanted, remedy = "'after' of the page before, with the same order", "leave it out to begin anew"
        raise _refused("after", f"'{wish.after[:40]}'", wanted, remedy) from error
    return [value, number]


def _too_large(value: object) -> bool:
    """Whether it is a whole number that the database has no room for."""
    return isinstance(value, int) and abs(value) >= 2**63


def _refused(subject: str, got: str, wanted: str, remedy: str) -> UploadError:
    return UploadError(subject, got=got, wanted=wanted, remedy=remedy)
