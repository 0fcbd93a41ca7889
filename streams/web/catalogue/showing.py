"""A product as its page shows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from streams.events.offers import LONGEST_LINK
from streams.web.catalogue.answers import LinkAnswer, OfferAnswer, PricePoint, ProductAnswer
from streams.web.catalogue.chart import Chart, step_chart
from streams.web.catalogue.reading import history_of
from streams.web.wording import reason


@dataclass(frozen=True, slots=True)
class Shop:
    """A link to where an offer is sold.

    Args:
        address: of http or https.
        host: where it leads, which people should see before they go.
    """

    address: str
    host: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a listing is in the product.

    Args:
        link: its strongest match; None where none was told yet.
        words: the reason, for people.
    """

    listing_id: str
    link: LinkAnswer | None
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page needs beside the answer itself.

    Args:
        by_currency: offers of each currency, the cheapest first; under the empty one those without price.
        names: of the listings, for people: seller and title.
        shops: by listing, where its seller gave a usable link.
        photos: listings that have one.
        histories: by listing.
    """

    product: ProductAnswer
    by_currency: Mapping[str, Sequence[OfferAnswer]]
    names: Mapping[str, str]
    shops: Mapping[str, Shop]
    photos: Sequence[str]
    histories: Mapping[str, Sequence[PricePoint]]
    charts: Sequence[Chart]
    reasons: Sequence[Reason]


def shown(connection: sqlite3.Connection, product: ProductAnswer, now: float) -> Shown:
    """All that the page of a product shows.

    Args:
        connection: to read from.
        product: whose page.
        now: seconds since 1970, where charts end.
    """
    by_currency: dict[str, list[OfferAnswer]] = {}
    for offer in product.offers:
        by_currency.setdefault(offer.currency or "", []).append(offer)
    histories = {offer.listing_id: history_of(connection, offer.listing_id).prices for offer in product.offers}
    charts = [step_chart(currency, histories, now) for currency in by_currency if currency]
    return Shown(
        product,
        by_currency,
        names={one.listing_id: _name(one) for one in product.offers},
        shops={one.listing_id: shop for one in product.offers if (shop := shop_of(one.url)) is not None},
        photos=[one.listing_id for one in product.offers if one.image],
        histories=histories,
        charts=[chart for chart in charts if chart is not None],
        reasons=_reasons(product),
    )


def shop_of(url: str | None) -> Shop | None:
    """A seller's link, if it leads to a host by http or https and hides nothing before it; None otherwise."""
    if not url or len(url) > LONGEST_LINK or not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return Shop(url, host) if plain and host else None


def _reasons(product: ProductAnswer) -> list[Reason]:
    if len(product.members) == 1:
        return []
    links = {link.listing_id: link for link in product.links}
    return [_reason(member, links.get(member)) for member in product.members]


def _reason(member: str, link: LinkAnswer | None) -> Reason:
    words = reason(link.evidence, link.similarity) if link else "Its match has not been told yet."
    return Reason(member, link, words[:1].upper() + words[1:])


def _name(offer: OfferAnswer) -> str:
    return ": ".join(filter(None, (offer.seller_id, offer.title))) or offer.listing_id
