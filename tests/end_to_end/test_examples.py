"""The examples of the documentation, as somebody runs them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.web import listing

from streams.brokers.admin import create_topics
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.events import Message
from streams.events.offers import Offer, in_order
from streams.events.products import ProductEvent
from streams.settings import Settings

PRICE_DROPS = Path(__file__).parents[2] / "docs" / "examples" / "price_drops.py"


def told(topic: str, price: str, day: int, product_id: str = "a1") -> Message:
    offers = in_order([Offer.of("a1", listing("a1", title="Desk lamp", price=price)), Offer.of("b1", listing("b1"))])
    event = ProductEvent(
        product_id, day, "g1", "test", ("a1", "b1"), offers, occurred_at=f"2026-01-0{day}T00:00:00.000Z"
    )
    return Message(topic, event.product_id.encode(), event.to_bytes())


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, str(PRICE_DROPS), *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_prices_that_fall_are_printed_once(embedded_settings: Settings) -> None:
    await create_topics(embedded_settings)
    topic = Topics(embedded_settings).products.name
    async with Publisher(embedded_settings) as publisher:
        await publisher.publish_all([told(topic, "10.00", 1), told(topic, "12.00", 2), told(topic, "9.00", 3)])
        with running(embedded_settings.brokers, topic) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "Desk lamp: 12.00 -> 9.00 EUR at seller-a\n"
            gone = Message(topic, b"a1", None)
            stale = told(topic, "5.00", 2, product_id="z1")
            await publisher.publish_all([told(topic, "9.00", 4), gone, stale, told(topic, "8.50", 5)])
            assert process.stdout.readline() == "Desk lamp: 9.00 -> 8.50 EUR at seller-a\n"
