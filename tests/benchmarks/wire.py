"""What messages of `embeddings` weigh and cost beside those that were all JSON, and what rounding does to neighbors.

    python tests/benchmarks/wire.py BUNDLE LISTINGS.jsonl [--images FOLDER] [--rounds 7]

Each listing is one message with all the rows that the bundle's encoders make, once as float32 and once as float16.
Neighbors are the ten most similar by the rows of one modality alone, without blending.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, a command knows its own folder only

from fakes.old_embeddings import as_json

from encoders.bundle import Bundle, read_bundle
from encoders.rounding import to_float16
from encoders.types import Embedding, Modality
from streams.benchmarks import Report, Spread, Table, in_turns, spread
from streams.cli.console import progress_bar
from streams.cli.labelled_files import read_events, read_every
from streams.events import EmbeddingEvent, Listing, ListingEvent
from streams.matching.policy import Policy
from streams.matching.similarity import Table as Rows
from streams.matching.similarity import similarities
from streams.settings import load_settings
from streams.stages.contents import Looks, contents_of, seals_of

NEIGHBORS = 10
BLOCK = 500
BEFORE, WHOLE, HALF = "all JSON, base64", "rows behind the JSON, float32", "rows behind the JSON, float16"
_One = TypeVar("_One")
Write = Callable[[EmbeddingEvent], bytes]


def main() -> None:
    """Print the tables."""
    options = _options()
    bundle = replace(read_bundle(options.bundle), rows="float32")
    settings = load_settings(**({"image_root": options.images.resolve()} if options.images else {}))
    with progress_bar() as progress:
        found = read_every(options.listings, settings, options.images, progress, bundle=bundle)
    heard = {one.listing_id: one for one in read_events(options.listings, options.images)}
    events = [_event(heard[one], rows, bundle) for one, rows in found.embeddings.items()]
    rounded = [replace(one, embedding=_rounded(one.embedding)) for one in events]
    written = {
        BEFORE: (events, as_json),
        WHOLE: (events, EmbeddingEvent.to_bytes),
        HALF: (rounded, EmbeddingEvent.to_bytes),
    }
    tables = [_sizes(written), _times(written, options.rounds), _kept(events, rounded)]
    print(Report("wire", {"bundle": bundle.name, "listings": len(events)}, tables, {}).markdown())


def _event(told: ListingEvent, rows: Embedding, bundle: Bundle) -> EmbeddingEvent:
    """As the embed stage would have told it."""
    encoded = {modality: row for modality, row in rows.items() if not modality.derived}
    listing = told.listing or Listing.model_validate(told.raw)
    seals = seals_of(contents_of(listing, Looks.of(bundle)), encoded)
    return EmbeddingEvent(told.listing_id, told.version, told.position, told.raw, encoded, seals)


def _rounded(embedding: Embedding) -> Embedding:
    return {modality: to_float16(row) for modality, row in embedding.items()}


def _sizes(written: Mapping[str, tuple[Sequence[EmbeddingEvent], Write]]) -> Table:
    sizes = {name: statistics.mean(len(write(one)) for one in events) for name, (events, write) in written.items()}
    bare = statistics.mean(len(replace(one, embedding={}).to_bytes()) for one in written[HALF][0])
    rows = [
        (name, f"{size:,.0f}", f"{size - bare:,.0f}", f"{size / sizes[BEFORE]:.2f}") for name, size in sizes.items()
    ]
    return Table("Bytes a message", ("", "all", "of rows", "of what they were"), rows)


def _times(written: Mapping[str, tuple[Sequence[EmbeddingEvent], Write]], rounds: int) -> Table:
    messages = {name: [write(one) for one in events] for name, (events, write) in written.items()}
    writing = {name: _timed(write, events) for name, (events, write) in written.items()}
    reading = {name: _timed(_read, values) for name, values in messages.items()}
    took = [_microseconds(in_turns(cases, rounds)) for cases in (writing, reading)]
    rows = [(name, *(f"{part[name]:.0f}" for part in took)) for name in written]
    return Table("Microseconds a message", ("", "written", "read"), rows)


def _read(value: bytes) -> EmbeddingEvent:
    return EmbeddingEvent.from_bytes(b"a", value)


def _timed(work: Callable[[_One], object], some: Sequence[_One]) -> Callable[[], float]:
    def case() -> float:
        begun = time.perf_counter()
        for one in some:
            work(one)
        return len(some) / (time.perf_counter() - begun)

    return case


def _microseconds(measured: Mapping[str, Sequence[float]]) -> dict[str, Spread]:
    return {name: spread([1e6 / one for one in values]) for name, values in measured.items()}


def _kept(events: Sequence[EmbeddingEvent], rounded: Sequence[EmbeddingEvent]) -> Table:
    """Of each listing's neighbors by float32 rows, those that it has by float16 rows; equally similar ones are one."""
    rows = []
    for modality in Modality:
        pairs = [(a.embedding, b.embedding) for a, b in zip(events, rounded, strict=True) if modality in a.embedding]
        if len(pairs) > NEIGHBORS:
            kept, off = zip(*_compared(modality, *zip(*pairs, strict=True)), strict=True)
            rows.append((modality.value, f"{np.mean(np.concatenate(kept)):.4f}", f"{max(off):.1e}"))
    columns = (f"of {NEIGHBORS} neighbors kept", "largest change of a similarity")
    return Table("What rounding does", ("", *columns), rows)


def _compared(
    modality: Modality, one: Sequence[Embedding], other: Sequence[Embedding]
) -> Iterator[tuple[np.ndarray, float]]:
    tables = [Rows.of({str(i): {modality: rows[modality]} for i, rows in enumerate(some)}) for some in (one, other)]
    for start in range(0, len(one), BLOCK):
        before, after = (
            similarities(table.part(start, start + BLOCK), table, Policy()).single[modality] for table in tables
        )
        for some in (before, after):
            some[np.arange(len(some)), np.arange(start, start + len(some))] = -1
        chosen = np.argsort(-after, axis=1, kind="stable")[:, :NEIGHBORS]
        least = -np.sort(-before, axis=1)[:, NEIGHBORS - 1 : NEIGHBORS]
        yield (np.take_along_axis(before, chosen, 1) >= least).mean(1), float(np.abs(before - after).max())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("bundle")
    parser.add_argument("listings", type=Path)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
