"""What of blending and matching is finding candidates, and what is deciding on them.

    python tests/benchmarks/deciding.py BUNDLE LISTINGS.jsonl [N=800]

One process, an embedded index in a temporary folder, batches as a worker takes them; vectors are made first.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import orjson

from encoders.bundle import read_bundle
from encoders.loading import load_derive, load_encoder
from streams.events import Message
from streams.index.edge import EdgeIndex
from streams.matching import lists
from streams.matching.bundled import rules_of
from streams.stages import Channel, Dependencies, blend, embed, index, match
from streams.stages import around as finding

DATA_BATCH, MARK_BATCH = 64, 256


class Outbox:
    """Keeps what is sent, by channel."""

    def __init__(self):
        self.sent = defaultdict(list)

    async def deliver(self, letters):
        for letter in letters:
            self.sent[letter.channel].append(letter)

    def take(self, channel):
        """Messages to read next; a listing marked several times comes once, as it would in a batch."""
        letters = self.sent.pop(channel, [])
        marks = channel is not Channel.EMBEDDINGS
        unique = {letter.key: letter for letter in letters}.values() if marks else letters
        return [Message(channel, letter.key, letter.value) for letter in unique]


@contextmanager
def timed(spent):
    """Adds up the time in finding candidates and in deciding on them."""
    decide = lists.decide

    def deciding(*arguments):
        began = time.perf_counter()
        try:
            return decide(*arguments)
        finally:
            spent["deciding"] += time.perf_counter() - began

    def looking(find):
        async def look(*arguments, **options):
            began = time.perf_counter()
            try:
                return await find(*arguments, **options)
            finally:
                spent["finding"] += time.perf_counter() - began

        return look

    names = {"blend": "look_around_each", "match": "look_around"}
    with patch.object(lists, "decide", deciding):
        patches = [
            patch.object(sys.modules[f"streams.stages.{stage}"], name, looking(getattr(finding, name)))
            for stage, name in names.items()
        ]
        for one in patches:
            one.start()
        yield
        for one in patches:
            one.stop()


async def measure(bundle, lines, folder):
    encoder, outbox = load_encoder(bundle), Outbox()

    async def encode(contents):
        return encoder.encode(contents)

    store = EdgeIndex.open(folder, "g1", bundle.dimensions)
    dependencies = Dependencies(store, outbox, rules_of(bundle), encode=encode, derive=load_derive(bundle))
    published = [
        Message("listings", orjson.loads(line)["listing_id"].encode(), line, timestamp_ms=number, offset=number)
        for number, line in enumerate(lines, 1)
    ]

    async def run(stage, messages, size):
        for start in range(0, len(messages), size):
            await stage(messages[start : start + size], dependencies)

    await run(embed, published, DATA_BATCH)
    await run(index, outbox.take(Channel.EMBEDDINGS), DATA_BATCH)
    spent = defaultdict(float)
    with timed(spent):
        await run(blend, outbox.take(Channel.REBLEND), MARK_BATCH)
        await run(match, outbox.take(Channel.REMATCH), MARK_BATCH)
    await store.close()
    return spent


def main():
    bundle, file = read_bundle(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 800
    lines = file.read_bytes().splitlines()[:count]
    with tempfile.TemporaryDirectory() as folder:
        spent = asyncio.run(measure(bundle, lines, Path(folder)))
    ratio = spent["deciding"] / spent["finding"]
    print(f"{len(lines)} listings: finding {spent['finding']:.2f} s, deciding {spent['deciding']:.2f} s, {ratio:.2f}")


if __name__ == "__main__":
    main()
