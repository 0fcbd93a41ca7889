"""Labelled pairs under text encoders that were trained on them, and never on the pair that is looked at.

An encoder finds the pairs it was trained on far too easily; thresholds and a scorer fitted to those would trust
similarities that no other pair has. So the groups of records that labels connect are divided in two, an encoder is
trained on each half, and every pair of `train` is compared by the one that did not see its first record's group. Pairs
of `valid` are compared by a third one, trained on both halves.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
from benchmarks.labelled.ground import Ground, fit_on
from benchmarks.labelled.records import Flags, Labelled, Titles, read_pairs

from encoders.bundle import Bundle, read_bundle
from encoders.types import Embedding
from streams.learning import folds
from streams.learning.embedding import embed_catalogue
from streams.learning.telling import Telling
from streams.settings import load_settings

_HALVES = 2
_OPTIONS = ("--recipe", "arcface", "--modality", "text", "--label", "group", "--set", "rate=2e-4")


@dataclass(frozen=True, slots=True)
class Making:
    """How encoders are made.

    Args:
        kept: folder of bundles and rows.
        tell: told what it is at.
        epochs: of each training.
        threads: likewise.
    """

    kept: Path
    tell: Callable[[str], None]
    epochs: int = 8
    threads: int = 1

    def encoder(self, name: str, records: Labelled, chosen: Flags) -> Bundle:
        """An encoder trained on some of the records, those of a group having one label."""
        file = self.kept / f"{name}.jsonl"
        groups = records.groups
        lines = [
            {"listing_id": one, "title": listing.title, "group": f"g{groups[place]}"}
            for place, (one, listing) in enumerate(zip(records.listing_ids, records.listings, strict=True))
            if chosen[place] and listing.title
        ]
        file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        self.tell(f"training on {len(lines)} records of {len({line['group'] for line in lines})} groups")
        output = self.kept / f"encoder-{name}"
        base = fit_on(records, self.kept / "base")
        command = (
            sys.executable,
            "-m",
            "streams.cli.main",
            "train",
            file,
            *_OPTIONS,
            "--base",
            base.path,
            "-o",
            output,
        )
        counts = ("--epochs", self.epochs, "--threads", self.threads)
        subprocess.run([str(word) for word in (*command, *counts)], check=True, capture_output=True)
        return fit_on(records, self.kept / f"bundle-{name}", read_bundle(output))

    def rows(self, records: Labelled, bundle: Bundle) -> dict[str, Embedding]:
        """The records' rows, by listing id."""
        listings = dict(zip(records.listing_ids, records.listings, strict=True))
        return embed_catalogue(listings, bundle, load_settings(device="cpu"), self.kept / "rows", Telling(self.tell))


def trained_grounds(folder: Path, making: Making) -> tuple[Ground, Ground]:
    """Both files of a set, `train` compared by encoders that did not see it, `valid` by one that saw all of `train`."""
    train, valid = (read_pairs(folder / name, Titles()) for name in ("train.txt", "valid.txt"))
    known = _several(train.groups)
    half = folds([f"g{group}" for group in train.groups], _HALVES)
    others = [
        making.rows(train, making.encoder(f"not-{part}", train, known & (half != part))) for part in range(_HALVES)
    ]
    whole = making.rows(valid, making.encoder("all", train, known))
    return Ground(crossed(train, half), _doubled(others)), Ground(valid, whole)


def crossed(labelled: Labelled, half: np.ndarray) -> Labelled:
    """Each record once for each encoder, and each pair between those of the half its first record is in.

    Args:
        labelled: p pairs of n records.
        half: (n,) of each record.
    """
    size = len(labelled.listing_ids)
    at = half[labelled.own] * size
    parts = range(_HALVES)
    return replace(
        labelled,
        listing_ids=tuple(_name(one, part) for part in parts for one in labelled.listing_ids),
        listings=tuple(one for _ in parts for one in labelled.listings),
        details=tuple(one for _ in parts for one in labelled.details),
        own=labelled.own + at,
        other=labelled.other + at,
    )


def _doubled(rows: Sequence[Mapping[str, Embedding]]) -> dict[str, Embedding]:
    return {_name(one, part): row for part, each in enumerate(rows) for one, row in each.items()}


def _name(listing_id: str, part: int) -> str:
    return f"{listing_id}@{part}"


def _several(groups: np.ndarray) -> Flags:
    """Which records have another in their group; the others may well have one in a file that is not here."""
    result: Flags = np.bincount(groups)[groups] > 1
    return result
