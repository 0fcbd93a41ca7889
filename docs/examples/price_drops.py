"""Prints prices as they fall: python price_drops.py [BROKERS [TOPIC]]."""

import asyncio
import sys
from decimal import Decimal

import orjson
from aiokafka import AIOKafkaConsumer


async def main(brokers: str = "127.0.0.1:9092", topic: str = "products") -> None:
    """Read all that stands in the topic, then what comes."""
    known = {}  # by listing and currency: since when, and the price
    async with AIOKafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest") as consumer:
        async for record in consumer:
            event = orjson.loads(record.value) if record.value else {"offers": []}  # null: the product is gone
            for offer in (one for one in event["offers"] if one["price"]):
                key, price = (offer["listing_id"], offer["currency"]), Decimal(offer["price"])
                since, before = known.get(key, (event["occurred_at"], price))
                if event["occurred_at"] >= since:  # other partitions may be ahead
                    known[key] = event["occurred_at"], price
                    if price < before:
                        line = f"{offer['title']}: {before} -> {price} {offer['currency']} at {offer['seller_id']}"
                        print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
