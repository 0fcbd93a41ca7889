"""How long a search takes besides embedding the query, beside the process that has the embedded index open.

    python tests/benchmarks/searching.py [--listings 10000] [--searches 100] [--joint]

Rows are random directions around one per product; payloads are as long as those the stages write. Queries are
rows of listings with noise, so that each has a product to find.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np

from encoders.types import Embedding, Modality, SparseRow
from streams.index.port import Change, View
from streams.index.shared import SharedIndex
from streams.index.sharing import shared
from streams.stages import state
from streams.web.search.asking import NO_SCALES, Scales
from streams.web.search.query import Filters, SearchRequest
from streams.web.search.searching import Searcher, nobody_knows

SIZES: Final = {Modality.IMAGE: 576, Modality.TEXT: 384}
JOINT: Final = {Modality.JOINT: 192}
OFFERS: Final = 5
CATEGORIES: Final = 25
FEATURES: Final = 60
_WARM_UP: Final = 10


class Rows:
    """Rows of listings, of which `OFFERS` in turn are of one product; those of queries are drawn likewise."""

    def __init__(self, listings: int, sizes: Mapping[Modality, int], seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        products = -(-listings // OFFERS)
        self._centers = {m: self._rng.normal(size=(products, size)) / np.sqrt(size) for m, size in sizes.items()}
        self._words = self._rng.zipf(1.3, (products, FEATURES)) % 60_000

    def of(self, product: int) -> Embedding:
        """One listing of a product."""
        rows: dict[Modality, Any] = {m: self._near(centers[product]) for m, centers in self._centers.items()}
        indices = np.unique(
            np.concatenate([self._words[product][: FEATURES - 10], self._rng.integers(60_000, size=10)])
        )
        values = self._rng.random(len(indices)) + 0.1
        values /= np.linalg.norm(values)
        return {**rows, Modality.LEXICAL: SparseRow(indices.astype(np.uint32), values.astype(np.float32))}

    def _near(self, center: np.ndarray) -> np.ndarray:
        row = center + 0.6 * self._rng.normal(size=center.shape) / np.sqrt(len(center))
        return (row / np.linalg.norm(row)).astype(np.float32)


class Prepared:
    """An encoder that has the rows already."""

    def __init__(self, rows: Rows, joint: bool) -> None:  # noqa: FBT001
        self._rows, self._joint = rows, joint

    async def words(self, words: str) -> Embedding:
        """Of the product whose number the words are."""
        return self._of(int(words), {Modality.TEXT, Modality.LEXICAL})

    async def photo(self, photo: bytes) -> Embedding:
        """Likewise."""
        return self._of(int(photo), {Modality.IMAGE})

    async def scales(self) -> Scales:
        """As of a bundle without a dual encoder."""
        return NO_SCALES

    def _of(self, product: int, modalities: Collection[Modality]) -> Embedding:
        wanted = {*modalities, Modality.JOINT} if self._joint else {*modalities}
        return {modality: row for modality, row in self._rows.of(product).items() if modality in wanted}


def payload(number: int) -> dict[str, Any]:
    """What the stages write of a listing: its words twice, whom it lists and why."""
    words = {
        "title": f"Listing {number}: a light running shoe, red, size 42",
        "brand": "None",
        "category": category(number),
    }
    listing = {
        "listing_id": f"l{number}",
        "seller_id": f"s{number % 40}",
        "price": str(Decimal(10 + number % 490)),
        "currency": "EUR",
    }
    more = {
        "image": f"https://shop.example/{number}.jpg",
        "description": "soft and light " * 20,
        "attributes": {"color": "red"},
    }
    evidence = {
        "image": 0.9,
        "text": 0.8,
        "lexical": 0.7,
        "rule": "score 0.9712>=0.4792",
        "score": 0.9712,
        "because": "words +2.1, photo +1.4",
    }
    others = [f"l{one}" for one in range(number - number % OFFERS, number - number % OFFERS + OFFERS) if one != number]
    return {
        state.LISTING: {**listing, **words, **more},
        state.DETAILS: words,
        state.STANDING: {"version": "0" * 60},
        state.NEIGHBORS: [[one, 0.3] for one in others],
        state.MATCHES: [{"listing_id": one, "similarity": 0.9, "strong": True, "evidence": evidence} for one in others],
        state.HEARD: {"revision": 3, "matches": others, "weak": [], "review": []},
        state.PRODUCT_ID: f"l{number - number % OFFERS}",
    }  # fmt: skip


def category(number: int) -> str:
    """Of a listing; a product is in one."""
    return f"category {number // OFFERS % CATEGORIES}"


async def serve(folder: Path, listings: int, sizes: Mapping[Modality, int]) -> None:
    """Fill an index and share it until standard input ends."""
    from streams.index.edge import EdgeIndex  # noqa: PLC0415  # the searching process needs no engine

    index, rows = EdgeIndex.open(folder, "g1", sizes), Rows(listings, sizes)
    for start in range(0, listings, 250):
        numbers = range(start, min(start + 250, listings))
        embeddings = {number: rows.of(number // OFFERS) for number in numbers}
        views = {number: {View.RAW: one, View.BLENDED: one} for number, one in embeddings.items()}
        await index.write([Change(f"l{number}", rows=views[number], payload=payload(number)) for number in numbers])
    async with shared(index, folder / "g1.sock"):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await index.close()


async def measure(folder: Path, options: argparse.Namespace, sizes: Mapping[Modality, int]) -> None:
    """Search and print how long it took."""
    reader = SharedIndex(folder / "g1.sock")
    rng, products = np.random.default_rng(11), options.listings // OFFERS
    encoder = Prepared(Rows(options.listings, sizes), options.joint)
    for kind in ("words", "photo", "both") * _WARM_UP:  # the engine maps its files as it needs them
        await Searcher(reader, encoder).search(asked(kind, 0, "none"))
    for filtered, few in (("none", nobody_knows), ("category", nobody_knows), ("price", nobody_knows), ("rare", some)):
        for kind in ("words", "photo", "both"):
            searcher = Searcher(reader, encoder, few=few)
            took, right, shown = [], 0, 0
            for number in rng.integers(products, size=options.searches):
                request = asked(kind, int(number), filtered)
                begun = time.perf_counter()
                found = await searcher.search(request)
                took.append((time.perf_counter() - begun) * 1000)
                right += bool(found) and found[0].product_id == f"l{number * OFFERS}"
                shown += len(found)
            p50, p95 = np.percentile(took, [50, 95])
            print(f"{kind:6} filter {filtered:9} median {p50:6.1f} ms, p95 {p95:6.1f} ms; "
                  f"first is right {right / len(took):.2f}, products shown {shown / len(took):.1f}")  # fmt: skip
    await reader.close()


def asked(kind: str, product: int, filtered: str) -> SearchRequest:
    """A search for a product."""
    filters = {
        "none": Filters(),
        "category": Filters(category=category(product * OFFERS)),
        "price": Filters(currency="EUR", least=Decimal(10), most=Decimal(255)),
        "rare": Filters(seller_id="s1"),
    }[filtered]
    words = "" if kind == "photo" else str(product)
    return SearchRequest(words, None if kind == "words" else str(product).encode(), filters=filters)


async def some(_filters: Filters, at_most: int) -> Sequence[str]:
    """As many as are compared without asking the index."""
    return [f"l{number}" for number in range(1, 40 * at_most, 40)]


def main() -> None:
    """Measure, with the index in a process of its own."""
    options = _options()
    sizes = {**SIZES, **JOINT} if options.joint else SIZES
    if options.serve:
        asyncio.run(serve(options.serve, options.listings, sizes))
        return
    with tempfile.TemporaryDirectory() as folder:
        more = ["--serve", folder, *sys.argv[1:]]
        with subprocess.Popen(
            [sys.executable, __file__, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            asyncio.run(measure(Path(folder), options, sizes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--joint", action="store_true", help="with a joint space")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
