"""A mixed log of listing events made of the generated catalogue: creations, updates, repeats, withdrawals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import orjson

from encoders.training.catalogue import TEST_SEEDS, generate_catalogue, write_catalogue
from streams.events import Message


def catalogue_records(products: int, folder: Path) -> list[dict]:
    """Listings of so many generated products; their photos are written under the folder."""
    write_catalogue(generate_catalogue(products, TEST_SEEDS[0]), folder)
    return [orjson.loads(line) for line in (folder / "listings.jsonl").read_bytes().splitlines()]


def mixed_log(records: Sequence[dict], seed: int) -> list[Message]:
    """Each listing published; of them 10% updated, 5% withdrawn, 10% sent again and 5% stale, in shuffled order.

    A stale one has an older version and another title, and may come last, or after the withdrawal.
    What the log comes to does not depend on the seed, only the order does.
    """
    chosen = random.Random(0)
    updated = chosen.sample(records, len(records) // 10)
    withdrawn = chosen.sample(records, len(records) // 20)
    again = chosen.sample(records, len(records) // 10)
    log = [_publication({**record, "version": 1}) for record in (*records, *again)]
    log += [
        _publication({**one, "title": f"{one.get('title', '')} new model".strip(), "version": 2}) for one in updated
    ]
    log += [
        Message("listings", one["listing_id"].encode(), None, headers={"version": b"3"}, timestamp_ms=1)
        for one in withdrawn
    ]
    log += [
        _publication({**one, "title": "as it was before", "version": 0})
        for one in chosen.sample(records, len(records) // 20)
    ]
    random.Random(seed).shuffle(log)
    return log


def _publication(record: dict) -> Message:
    return Message("listings", record["listing_id"].encode(), orjson.dumps(record), timestamp_ms=1)
