"""Two listings beside each other, as a person judges them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from encoders.types import NOTHING_GENERATED, Generated
from streams.events.listing_model import photos_of
from streams.events.offers import Offer
from streams.matching.details import Details
from streams.matching.variants import VetoKind, vetoes_of
from streams.web.catalogue.seen import generated_of
from streams.web.catalogue.showing import Shop, shop_of
from streams.web.review.differing import Piece, Row, compared_rows, marked, shortened
from streams.web.review.reasons import Reasons, reasons

_LONGEST_TITLE: Final = 1_000
_LONGEST_TEXT: Final = 600
_STATED: Final = {"brand": "Brand", "category": "Category", "gtin": "GTIN"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two listings.

    Args:
        title: with the words marked that the other title lacks; empty where there is none.
        listed: whether it is still there.
        product_id: of the product it is in, with how many listings.
        generated: what models say of its photo; nothing where reviewers are blind.
        photo: whether it has one.
        shop: where it is sold, if that is an address that a browser may be sent to.
    """

    listing_id: str
    title: Sequence[Piece]
    seller_id: str | None
    price: str | None
    description: Sequence[Piece]
    photo: bool
    shop: Shop | None
    listed: bool
    product_id: str | None
    product_listings: int
    generated: Generated


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two listings, and what the flow says of them.

    Args:
        rows: what they state by name.
        contradictions: values that make them variants, in words.
        reasons: why the pair is where it is; None where it is not told, or reviewers are blind.
        outcome: what is told of the pair: match, review or overruled.
    """

    one: Side
    other: Side
    rows: Sequence[Row]
    contradictions: Sequence[str] = ()
    reasons: Reasons | None = None
    outcome: str | None = None


def side_by_side(connection: sqlite3.Connection, pair: tuple[str, str], *, blind: bool) -> SideBySide | None:
    """Two listings as far as the page knows them; None where it does not know one of them.

    Where reviewers are blind, what the flow says of the pair is left out.
    """
    found = [_listing(connection, listing_id) for listing_id in pair]
    if found[0] is None or found[1] is None:
        return None
    (one, there), (other, too) = found[0], found[1]
    sides = _side(connection, pair[0], one, other, there), _side(connection, pair[1], other, one, too)
    rows = compared_rows(_stated(one), _stated(other))
    if blind:
        own, others = (replace(side, generated=NOTHING_GENERATED) for side in sides)
        return SideBySide(own, others, rows)
    told = _told(connection, pair)
    vetoes = vetoes_of(Details.of(one), Details.of(other), list(VetoKind))
    why = None if told is None else reasons(told["similarity"], orjson.loads(told["evidence"]))
    return SideBySide(*sides, rows, [veto.reason for veto in vetoes], why, None if told is None else told["outcome"])


def _listing(connection: sqlite3.Connection, listing_id: str) -> tuple[Mapping[str, Any], bool] | None:
    row = connection.execute("select raw, listed from listings where listing_id = ?", (listing_id,)).fetchone()
    return None if row is None or row["raw"] is None else (orjson.loads(row["raw"]), bool(row["listed"]))


def _told(connection: sqlite3.Connection, pair: tuple[str, str]) -> sqlite3.Row | None:
    """What is told of a pair, under either of the two."""
    found: sqlite3.Row | None = connection.execute(
        "select outcome, similarity, evidence from told_pairs where (owner, other) in (values (?1, ?2), (?2, ?1))"
        " order by owner limit 1",
        pair,
    ).fetchone()
    return found


def _side(
    connection: sqlite3.Connection,
    listing_id: str,
    listing: Mapping[str, Any],
    other: Mapping[str, Any],
    listed: bool,  # noqa: FBT001 - a column
) -> Side:
    offer = Offer.of(listing_id, listing)
    product = connection.execute(
        "select product_id, listings from members join products using (product_id) where listing_id = ? limit 1",
        (listing_id,),
    ).fetchone()
    return Side(
        listing_id,
        title=marked(_text(listing, "title", _LONGEST_TITLE), _text(other, "title", _LONGEST_TITLE)),
        seller_id=offer.seller_id,
        price=None if offer.price is None else f"{offer.price} {offer.currency}",
        description=marked(_text(listing, "description", _LONGEST_TEXT), _text(other, "description", None)),
        photo=bool(photos_of(listing)),
        shop=shop_of(offer.url),
        listed=listed,
        product_id=product and product["product_id"],
        product_listings=product["listings"] if product else 0,
        generated=generated_of(connection, listing_id),
    )


def _stated(listing: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing states by name; an attribute of the same name as a field stands back."""
    attributes = listing.get("attributes")
    named = {str(name): value for name, value in attributes.items()} if isinstance(attributes, Mapping) else {}
    own = {label: listing.get(name) for name, label in _STATED.items()}
    taken = {label.casefold() for label in own}
    return own | {name: value for name, value in named.items() if name.strip().casefold() not in taken}


def _text(listing: Mapping[str, Any], name: str, longest: int | None) -> str:
    value = listing.get(name)
    text = value.strip() if isinstance(value, str) else ""
    return text if longest is None else shortened(text, longest)
