"""Products, listings and prices out of the store."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson

from streams.events.offers import Offer, in_order
from streams.web.catalogue.answers import (
    BestAnswer,
    GtinOffers,
    JudgementAnswer,
    LinkAnswer,
    ListingAnswer,
    MatchAnswer,
    MatchesAnswer,
    OfferAnswer,
    PriceHistory,
    PricePoint,
    ProductAnswer,
    ProductSummary,
)
from streams.web.catalogue.prices import amount_of
from streams.web.catalogue.seen import generated_of
from streams.web.catalogue.summaries import recently
from streams.web.tags import GeneratedAnswer

_PRODUCT = "select * from products join browsed using (number) where product_id = ?"
# with the signs, each list is read once; without them, the index would be asked for each two members
_LINKS = """
select owner, other, similarity, strong, evidence from told_pairs
where outcome = 'match' and owner in (select value from json_each(:members))
  and +other in (select value from json_each(:members))
order by owner, strong desc, similarity desc, other
"""
_JUDGED = """
select one, other, verdict, by, at from judgements
where one in (select value from json_each(:members)) and +other in (select value from json_each(:members))
order by at desc, one, other
"""


def summary_of(row: sqlite3.Row) -> ProductSummary:
    """A product as lists show it, of a row of products and what they are browsed by."""
    return ProductSummary(**_summary(row, offers_of(row)))


def product_of(connection: sqlite3.Connection, product_id: str) -> ProductAnswer | None:
    """A product with all that is known of it; None where there is none of this id."""
    row = connection.execute(_PRODUCT, (product_id,)).fetchone()
    if row is None:
        return None
    event, offers = orjson.loads(row["event"]), offers_of(row)
    members = {"members": orjson.dumps(event["members"]).decode()}
    return ProductAnswer(
        **_summary(row, offers),
        **{
            name: event[name]
            for name in ("revision", "members", "oversized", "merged_from", "split_from", "split_into")
        },
        offers=[_offer(one) for one in offers],
        links=_strongest(connection.execute(_LINKS, members)),
        judgements=[
            JudgementAnswer(
                listing_ids=(found["one"], found["other"]), **{name: found[name] for name in ("verdict", "by", "at")}
            )
            for found in connection.execute(_JUDGED, members)
        ],
    )


def product_with(connection: sqlite3.Connection, listing_id: str) -> str | None:
    """The product that a listing is in, as it is when a product's id is no longer one after two became one."""
    row = connection.execute("select product_id from members where listing_id = ?", (listing_id,)).fetchone()
    return None if row is None else row["product_id"]


def listing_of(connection: sqlite3.Connection, listing_id: str) -> ListingAnswer | None:
    """A listing that is offered; None where there is none, or no longer."""
    row = connection.execute("select raw from listings where listing_id = ? and listed", (listing_id,)).fetchone()
    if row is None or row["raw"] is None:
        return None
    product_id = product_with(connection, listing_id)
    return ListingAnswer(
        listing_id=listing_id,
        product_id=product_id,
        listing=orjson.loads(row["raw"]),
        generated=GeneratedAnswer.of(generated_of(connection, listing_id)),
    )


def photo_of(connection: sqlite3.Connection, listing_id: str) -> str | None:
    """Where the photo of a listing is that is offered; None for any other."""
    row = connection.execute("select image from listings where listing_id = ? and listed", (listing_id,)).fetchone()
    return None if row is None else row["image"] or None


def matches_of(connection: sqlite3.Connection, listing_id: str) -> MatchesAnswer:
    """A listing's list as it was told."""
    found: defaultdict[str, list[MatchAnswer]] = defaultdict(list)
    rows = connection.execute("select * from told_pairs where owner = ? order by similarity desc, other", (listing_id,))
    for row in rows:
        evidence = orjson.loads(row["evidence"])
        one = MatchAnswer(
            listing_id=row["other"], similarity=row["similarity"], strong=bool(row["strong"]), evidence=evidence
        )
        found[row["outcome"]].append(one)
    return MatchesAnswer(
        listing_id=listing_id, matches=found["match"], review=found["review"], overruled=found["overruled"]
    )


def offers_with(connection: sqlite3.Connection, gtin: str) -> GtinOffers:
    """Offers of the listings that state a GTIN.

    Args:
        connection: to read from.
        gtin: 14 digits.
    """
    rows = connection.execute(
        "select listing_id, raw, product_id from listings left join members using (listing_id)"
        " where gtin = ? and listed and raw is not null",
        (gtin,),
    ).fetchall()
    offers = in_order(
        Offer.of(row["listing_id"], orjson.loads(row["raw"]), generated_of(connection, row["listing_id"]))
        for row in rows
    )
    products = sorted({row["product_id"] for row in rows if row["product_id"] is not None})
    return GtinOffers(gtin=gtin, products=products, offers=[_offer(one) for one in offers])


def history_of(connection: sqlite3.Connection, listing_id: str) -> PriceHistory:
    """What a listing asked since the store has known it."""
    rows = connection.execute(
        "select since, price, currency from prices where listing_id = ? order by since", (listing_id,)
    )
    return PriceHistory(listing_id=listing_id, prices=[PricePoint(**dict(row)) for row in rows])


def offers_of(row: sqlite3.Row) -> list[Offer]:
    """The offers of a product's event, as told."""
    return [Offer.from_json(one) for one in orjson.loads(row["event"])["offers"]]


def _summary(row: sqlite3.Row, offers: Sequence[Offer]) -> dict[str, Any]:
    photos = {offer.listing_id: offer for offer in offers if offer.image}
    pictured = photos.get(row["product_id"]) or next(iter(photos.values()), None)
    return {
        "product_id": row["product_id"],
        "title": row["title"],
        "category": row["category"],
        "listings": row["listings"],
        "sellers": row["sellers"],
        "best": _best(offers),
        "spread": round(row["spread"], 4),
        "drop": round(row["fall"], 4) if row["fell_at"] and row["fell_at"] >= recently() else 0.0,
        "photo": pictured and pictured.listing_id,
        "seen": (pictured and pictured.generated.line) or None,
        "occurred_at": row["occurred_at"],
    }


def _best(offers: Sequence[Offer]) -> list[BestAnswer]:
    by_currency: defaultdict[str, list[Offer]] = defaultdict(list)
    for offer in offers:
        if offer.currency is not None and amount_of(offer.price) is not None:
            by_currency[offer.currency].append(offer)
    return [_cheapest(currency, some) for currency, some in by_currency.items()]


def _cheapest(currency: str, offers: Sequence[Offer]) -> BestAnswer:
    prices = sorted((Decimal(offer.price or 0), offer.listing_id) for offer in offers)
    (lowest, listing_id), (highest, _) = prices[0], prices[-1]
    return BestAnswer(
        currency=currency,
        listing_id=listing_id,
        price=f"{lowest:f}",
        offers=len(offers),
        dearest=f"{highest:f}",
        saves=f"{highest - lowest:f}",
    )


def _offer(offer: Offer) -> OfferAnswer:
    return OfferAnswer(**offer.to_json() | {"generated": GeneratedAnswer.of(offer.generated)})


def _strongest(rows: sqlite3.Cursor) -> list[LinkAnswer]:
    """The first of each owner."""
    found: dict[str, LinkAnswer] = {}
    for row in rows:
        if row["owner"] not in found:
            found[row["owner"]] = LinkAnswer(
                listing_id=row["owner"],
                with_listing_id=row["other"],
                similarity=row["similarity"],
                strong=bool(row["strong"]),
                evidence=orjson.loads(row["evidence"]),
            )
    return list(found.values())
