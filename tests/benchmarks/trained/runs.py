"""Runs of the commands, each once: what is there already is taken as it is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from real_data import SETS

from encoders.bundle import Bundle, read_bundle
from streams.cli.console import progress_bar
from streams.cli.labelled_files import read_labelled
from streams.learning.labelled import LabelledCatalogue
from streams.settings import load_settings


@dataclass(frozen=True)
class Bench:
    """Where things are.

    Args:
        data: folder of the real data.
        work: folder of listings and bundles that are made.
        threads: of each training.
    """

    data: Path
    work: Path
    threads: int

    def listings(self, name: str, part: str, limit: int = 1_000_000) -> Path:
        """One part of one set of real listings as a file."""
        path = self.work / f"{name}-{part}.jsonl"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = SETS[name](self.data, part, limit)
            path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
        return path

    def run(self, *arguments: object) -> str:
        """Run `matchstream` with these arguments; its output."""
        command = [sys.executable, "-m", "streams.cli.main", *map(str, arguments)]
        print("matchstream", *map(str, arguments), flush=True)
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def bundle(self, name: str, *arguments: object) -> Bundle:
        """The bundle that a command writes when `-o FOLDER` is put behind it; made unless it is there."""
        path = self.work / name
        if not (path / "manifest.json").is_file():
            started = time.monotonic()
            self.run(*arguments, "-o", path)
            (self.work / f"{name}.seconds").write_text(f"{time.monotonic() - started:.0f}")
        return read_bundle(path)

    def trained(self, name: str, file: Path, recipe: str, seed: int, *options: object) -> Bundle:
        """A bundle by `matchstream train`, its products by `product_id`."""
        settings = ("--label", "product_id", "--recipe", recipe, "--seed", seed, "--threads", self.threads)
        return self.bundle(f"{name}-{seed}", "train", file, *settings, *options)

    def embedded(self, file: Path, bundle: Bundle, images: Path | None = None) -> LabelledCatalogue:
        """The labelled listings of a file, with rows by a bundle's encoders."""
        with progress_bar() as progress:
            return read_labelled(file, "product_id", load_settings(), images, progress, bundle=bundle)

    @property
    def photos(self) -> Path:
        """Where the photos of the grocery set are."""
        return self.data / "grocery"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, lowest and highest over the seeds."""
    return {"mean": sum(values) / len(values), "from": min(values), "to": max(values)}
