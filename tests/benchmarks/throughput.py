"""The pipeline beside the encoders alone, on the same listings, in turns.

    python tests/benchmarks/throughput.py LISTINGS.jsonl [IMAGES] [RUNS=3]

Uses the bundle and the batch size of the settings, the embedded broker and the embedded index.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from encoders.bundle import read_bundle
from encoders.loading import load_encoder
from encoders.types import Content, Encoder
from streams.brokers.topics import Topics
from streams.cli.listing_files import Line, read_lines
from streams.cli.pipeline import run_pipeline
from streams.cli.places import embedded_place
from streams.settings import Settings, load_settings


class Silent:
    """Watches a run and says nothing."""

    def published(self, listings: int) -> None:
        pass

    def told(self, listings: int) -> None:
        pass

    def behind(self, lags: Mapping[str, int]) -> None:
        pass


def encoders_alone(lines: Sequence[Line], images: Path | None, encoder: Encoder, batch_size: int) -> float:
    """Listings a second: files read and everything encoded, a batch at a time."""
    start = time.perf_counter()
    for first in range(0, len(lines), batch_size):
        listings = [line.event.listing for line in lines[first : first + batch_size]]
        encoder.encode([Content(one.title, _bytes(one.image, images)) for one in listings])
    return len(lines) / (time.perf_counter() - start)


def _bytes(image: str | None, images: Path | None) -> bytes | None:
    return (images / image).read_bytes() if image and images else None


async def pipeline(lines: Sequence[Line], settings: Settings) -> float:
    """Listings a second, from the first published to the last stage drained."""
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_place(settings, Path(folder)) as here:
            messages = [line.message_for(Topics(here).listings.name) for line in lines]
            outcome = await run_pipeline(messages, here, Path(folder) / "worker.log", Silent())
    return len(lines) / outcome.run_s


def main() -> None:
    """Print each run and the medians."""
    file, *rest = sys.argv[1:]
    images = Path(rest[0]).resolve() if rest and rest[0] else None
    runs = int(rest[1]) if len(rest) > 1 else 3
    settings = load_settings(image_root=images)
    lines = [one for one in read_lines(Path(file), "listings", images) if isinstance(one, Line)]
    encoder = load_encoder(read_bundle(settings.bundle), torch_threads=settings.torch_threads)
    ratios = []
    for run in range(runs):
        alone = encoders_alone(lines, images, encoder, settings.batch_size)
        whole = asyncio.run(pipeline(lines, settings))
        ratios.append(whole / alone)
        print(f"run {run + 1}: encoders alone {alone:.1f}/s, pipeline {whole:.1f}/s, ratio {whole / alone:.2f}")
    print(f"ratio: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
