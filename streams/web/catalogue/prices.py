"""What each offer cost, and since when: a row for each price that was told."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from streams.events.offers import Offer


@dataclass(frozen=True, slots=True)
class Fall:
    """That an offer became cheaper.

    Args:
        share: of the price before, in (0, 1].
        at: since when, ISO 8601.
    """

    share: float = 0.0
    at: str | None = None


def amount_of(price: str | None) -> float | None:
    """A price as a number to sort and compare by; None for what is none."""
    try:
        amount = None if price is None else float(Decimal(price))
    except InvalidOperation:
        return None
    return None if amount is None or not 0 <= amount < math.inf else amount


def note_price(connection: sqlite3.Connection, offer: Offer, at: str) -> Fall:
    """Keep an offer's price if it is another one than before; how far the last change made it cheaper.

    What is older than the last change is no news: it is left out.
    """
    rows = connection.execute(
        "select price, currency, since from prices where listing_id = ? order by since desc limit 2",
        (offer.listing_id,),
    ).fetchall()
    told = [(row["price"], row["currency"], row["since"]) for row in rows]
    if not told or (told[0][:2] != (offer.price, offer.currency) and at >= told[0][2]):
        values = (offer.listing_id, at, offer.price, offer.currency)
        connection.execute("insert or replace into prices values (?, ?, ?, ?)", values)
        told = [(offer.price, offer.currency, at), *(one for one in told if one[2] != at)]
    return _fall(told)


def biggest(falls: Iterable[Fall], since: str) -> Fall:
    """The biggest of those that came since then."""
    recent = [fall for fall in falls if fall.at is not None and fall.at >= since]
    return max(recent, key=lambda fall: fall.share, default=Fall())


def _fall(told: list[tuple[str | None, str | None, str]]) -> Fall:
    if len(told) == 1 or told[0][1] != told[1][1]:
        return Fall()
    now, before = amount_of(told[0][0]), amount_of(told[1][0])
    if now is None or not before or now >= before:
        return Fall()
    return Fall(1 - now / before, told[0][2])
