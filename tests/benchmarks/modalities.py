"""What each way of looking at a listing costs: time, memory and bytes, each beside what was there without it.

    python tests/benchmarks/modalities.py [-o docs/benchmarks] [--rounds 3]

Models are of the sizes that are published (CLIP ViT-B/32, BLIP base, MiniLM, ResNet-18) with random weights: none is
needed, and the computing is the same. Everything runs in one process, in turns, a batch at a time, and is measured in
seconds of a processor: other work on the machine counts less. Captions are as long as they may be, since a model of
random weights never ends one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import orjson
import torch
from benchmarks.seeing.memory import Watch
from benchmarks.seeing.ways import MANY, OFF, Case, Loaded, cases_of
from PIL import Image
from rich.console import Console
from rich.table import Table
from transformers import CLIPConfig

from encoders.bundle import JointSpec
from encoders.joint import sum_of
from encoders.training.catalogue import GeneratedListing, generate_catalogue
from encoders.types import Content, Embedding, Encoded, Modality, SparseRow
from streams.events import EmbeddingEvent, Position

_PRODUCTS, _SIDE = 16, 800
_WORDS_OF_A_SHORT_TITLE = 2
_JOINED = sum_of(JointSpec(None, (Modality.JOINT_IMAGE, Modality.JOINT_TEXT)), CLIPConfig().projection_dim)
"""What the index derives from the rows of a dual encoder."""

out = Console(width=None if sys.stdout.isatty() else 160)


@dataclass(slots=True)
class Cost:
    """What one way of looking costs.

    Args:
        seconds: of a processor for a listing, of each round.
        growth: bytes that the process grew by at most while it encoded, of each round.
        message: bytes of a listing's message of the topic `embeddings`, the mean.
        rows: bytes of its rows in the index, in both views, the mean.
    """

    seconds: list[float] = field(default_factory=list)
    growth: list[int] = field(default_factory=list)
    message: float = 0.0
    rows: float = 0.0


def measured(cases: Mapping[str, Case], listings: Sequence[GeneratedListing], rounds: int) -> dict[str, Cost]:
    """Each case once in every round, after one that does not count."""
    costs = {name: Cost() for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            contents = contents_of(listings, case)
            with Watch() as watch:
                start = time.process_time()
                encoded = case.encoder.encode(contents)
                seconds = (time.process_time() - start) / len(contents)
            if any(one.failures for one in encoded):
                sys.exit(f"{name}: {next(one.failures for one in encoded if one.failures)}")
            if not number:
                costs[name].message = float(np.mean([_message(*both) for both in zip(listings, encoded, strict=False)]))
                costs[name].rows = float(np.mean([2 * _bytes_of(_JOINED.derive(one.embedding, {})) for one in encoded]))
                continue
            costs[name].seconds.append(seconds)
            costs[name].growth.append(watch.growth)
            out.print(f"round {number}: {name}: {seconds:.3f} s a listing")
    return costs


def contents_of(listings: Sequence[GeneratedListing], case: Case) -> list[Content]:
    """Short titles, so that every listing has a caption where there are any."""
    photos = [_enlarged(one.image) for one in listings]
    found = []
    for place in range(case.listings):
        title = " ".join(listings[place].title.split()[:_WORDS_OF_A_SHORT_TITLE])
        seen = [photos[(place + more) % len(photos)] for more in range(case.photos)]
        found.append(Content(title, seen[0], title, tuple(seen[1:])))
    return found


def _enlarged(photo: bytes | None) -> bytes:
    """As large as shops publish them: decoding takes time, too."""
    buffer = BytesIO()
    with Image.open(BytesIO(photo or b"")) as image:
        image.convert("RGB").resize((_SIDE, _SIDE)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _message(listing: GeneratedListing, encoded: Encoded) -> int:
    """Bytes of the message of the topic `embeddings`."""
    record = listing.record("image.jpg")
    event = EmbeddingEvent(
        listing.listing_id, None, Position(0, 0), record, encoded.embedding, generated=encoded.generated
    )
    return len(event.to_bytes())


def _bytes_of(embedding: Embedding) -> int:
    """Of the rows in one view of the index: a number has four bytes, and as many for its place in a sparse row."""
    return sum(8 * len(row.indices) if isinstance(row, SparseRow) else 4 * len(row) for row in embedding.values())


def shown(costs: Mapping[str, Cost]) -> Table:
    """A row for each way of looking; times are the median of the rounds, and from where to where."""
    columns = (
        "listings/s",
        "s of a processor per listing",
        "times off",
        "memory, MB",
        "message, bytes",
        "rows in the index, bytes",
    )
    table = Table("looked at", *columns, box=None)
    off = costs[OFF].seconds
    for name, cost in costs.items():
        median = statistics.median(cost.seconds)
        ratio = statistics.median(one / other for one, other in zip(cost.seconds, off, strict=True))
        spread = f"{median:.3f} ({min(cost.seconds):.3f} to {max(cost.seconds):.3f})"
        memory = f"{max(cost.growth) / 1e6:.0f}"
        table.add_row(
            name, f"{1 / median:.2f}", spread, f"{ratio:.2f}", memory, f"{cost.message:,.0f}", f"{cost.rows:,.0f}"
        )
    return table


def main() -> None:
    """Measure, print the table and write the figures."""
    options = _options()
    torch.set_num_threads(1)
    with TemporaryDirectory(prefix="matchstream-") as folder:
        loaded = Loaded(Path(folder))
        listings = [one for one in generate_catalogue(_PRODUCTS, 7) if one.image and one.title][:MANY]
        costs = measured(cases_of(loaded), listings, options.rounds)
    out.print(shown(costs))
    models = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in loaded.memory.items())
    out.print(f"memory of the models: {models}")
    if options.output:
        data = {"rounds": options.rounds, "models": loaded.memory, "costs": {one: asdict(costs[one]) for one in costs}}
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (options.output / "modalities.json").write_bytes(text)
        out.print(f"wrote {options.output / 'modalities.json'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("-o", "--output", type=Path, help="folder for the figures as JSON")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
