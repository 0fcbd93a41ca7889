"""How long a page of products takes to find, with its counts per category, out of many listings.

python tests/benchmarks/browsing.py [--listings 100000] [--times 20]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import orjson

from streams.events import Message
from streams.events.offers import Offer, in_order
from streams.events.products import ProductEvent
from streams.web.catalogue.browsing import browse
from streams.web.catalogue.projection import CATALOGUE
from streams.web.catalogue.wishes import Order, Wish
from streams.web.store import Kind, Store

_STEMS: Final = ("red", "blue", "lamp", "desk", "phone", "case", "usb", "ssd", "cable", "mouse", "chair", "kettle")
WORDS: Final = [stem + end for stem, end in product(_STEMS, ("", "s", "x", "10", "20", "pro", "max", "mini"))]
WISHES: Final[dict[str, dict[str, Any]]] = {
    "all": {},
    "rare words": {"words": "lampmini redpro"},
    "common words": {"words": "lamp"},
    "a letter": {"words": "r"},
    "category": {"category": "category 3"},
    "seller": {"seller": "s17"},
    "most prices": {"currency": "EUR", "least": 50.0, "most": 700.0},
    "few prices": {"currency": "EUR", "least": 50.0, "most": 51.0},
    "three sellers": {"sellers": 3},
    "everything": {"words": "lamp", "category": "Category 3", "currency": "EUR", "least": 5.0, "sellers": 2},
}
_BATCH: Final = 500


def events(listings: int, rng: random.Random) -> Iterator[tuple[Kind, Message]]:
    """Listings, and the products that they are in: most have one or two, some many."""
    number = 0
    while number < listings:
        size = min(1 + int(rng.expovariate(0.8)), 40)
        title, price = " ".join(rng.choices(WORDS, k=7)), rng.uniform(5, 900)
        some = [
            {
                "listing_id": f"s{rng.randrange(300)}-{number + place}",
                "seller_id": f"s{rng.randrange(300)}",
                "title": f"{title} {rng.choice(WORDS)}",
                "price": f"{price * rng.uniform(0.7, 1.3):.2f}",
                "currency": rng.choice(("EUR",) * 8 + ("USD",)),
                "category": f"Category {rng.randrange(40)}",
                "version": 1,
            }
            for place in range(size)
        ]
        number += size
        for one in some:
            yield Kind.LISTINGS, Message("listings", one["listing_id"].encode(), orjson.dumps(one), 0, number, 1)
        yield Kind.PRODUCTS, _told(some, 2, price * 2, rng)
        yield Kind.PRODUCTS, _told(some, 3, None, rng)


def _told(some: list[dict[str, Any]], revision: int, first_asks: float | None, rng: random.Random) -> Message:
    offers = [Offer.of(one["listing_id"], one) for one in some]
    if first_asks is not None:
        offers[0] = Offer.of(some[0]["listing_id"], {**some[0], "price": f"{first_asks:.2f}"})
    at = datetime.now(UTC) - timedelta(days=30 if first_asks else rng.uniform(0, 20))
    members = tuple(sorted(offer.listing_id for offer in offers))
    when = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = ProductEvent(members[0], revision, "g1", "", members, in_order(offers), occurred_at=when)
    return Message("products", event.product_id.encode(), event.to_bytes())


def fill(store: Store, listings: int) -> None:
    """Read them all, as the page does."""
    waiting = list(events(listings, random.Random(1)))
    began = time.perf_counter()
    for start in range(0, len(waiting), _BATCH):
        with store.writing() as connection:
            for kind, message in waiting[start : start + _BATCH]:
                CATALOGUE.applies[kind](connection, [message])
    took = time.perf_counter() - began
    size = store.path.stat().st_size / 1e6
    print(f"{len(waiting)} events read in {took:.0f} s, {len(waiting) / took:.0f} a second; {size:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "web.sqlite", [CATALOGUE])
        fill(store, options.listings)
        for order, (name, wish) in product(Order, WISHES.items()):
            took = []
            for _ in range(options.times):
                began = time.perf_counter()
                found = browse(store.reading, Wish(order=order, **wish))
                took.append((time.perf_counter() - began) * 1000)
            slowest = sorted(took)[int(0.95 * (len(took) - 1))]
            told = f"{statistics.median(took):6.1f} ms, 95 % {slowest:6.1f} ms"
            print(f"{order:8} {name:14} {found.total:7} products  {told}")
        store.close()


if __name__ == "__main__":
    main()
