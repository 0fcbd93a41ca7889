"""Titles in batches of one shape beside batches as they come: what it costs, and how many rows depend on their company.

python tests/benchmarks/company.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.bundle import TextSpec
from encoders.models import MINILM
from encoders.text import encoder as module
from encoders.text.encoder import TextEncoder

_SAID = """canon eos mark 18-55 mm is stm kit black iphone 12 pro max 128gb samsung galaxy
blue case leather usb c"""
WORDS = _SAID.split()
TITLES = 640
CALL = 64
ALONE = 64


def main() -> None:
    """Measure each precision both ways, in turns, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    dice = np.random.default_rng(0)
    titles = [" ".join(dice.choice(WORDS, dice.integers(3, 22))) for _ in range(TITLES)]
    print("| precision | batches | titles/s | ratio | ms for a title alone | of 64 rows depend on their company |")
    print("| --- | --- | --- | --- | --- | --- |")
    for precision in ("float32", "bfloat16"):
        encoder = TextEncoder(TextSpec(MINILM, precision=precision))
        ways: dict[str, Callable[[], tuple[float, float, int]]] = {
            "as they come": lambda encoder=encoder: as_they_come(encoder, titles),
            "one shape": lambda encoder=encoder: measured(encoder, titles),
        }
        results: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                results[name].append(way())
        for name, made in results.items():
            speeds, alone, depending = (list(column) for column in zip(*made, strict=True))
            ratios = [mine[0] / other[0] for mine, other in zip(made, results["as they come"], strict=True)]
            row = (
                precision,
                name,
                spread(speeds, 0),
                spread(ratios, 2),
                spread(alone, 1),
                f"{max(depending)} of {ALONE}",
            )
            print(f"| {' | '.join(row)} |")


def as_they_come(encoder: TextEncoder, titles: Sequence[str]) -> tuple[float, float, int]:
    """Up to 32 of one width at once, whatever there are."""
    with patch.object(module, "texts_at_once", lambda *_: None):
        return measured(encoder, titles)


def measured(encoder: TextEncoder, titles: Sequence[str]) -> tuple[float, float, int]:
    """Titles a second in calls of 64; milliseconds of one alone; how many rows are others alone than in company."""
    begun = time.perf_counter()
    together: NDArray[np.float32] = np.concatenate(
        [encoder.encode(titles[start : start + CALL]) for start in range(0, len(titles), CALL)]
    )
    per_s = len(titles) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    alone = np.concatenate([encoder.encode([title]) for title in titles[:ALONE]])
    alone_ms = 1000 * (time.perf_counter() - begun) / ALONE
    backwards = encoder.encode(titles[::-1])[::-1]
    differ = np.any(together[:ALONE] != alone, axis=1) | np.any(together[:ALONE] != backwards[:ALONE], axis=1)
    return per_s, alone_ms, int(differ.sum())


def spread(values: Sequence[float], digits: int) -> str:
    """The median, the least and the most."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


if __name__ == "__main__":
    main()
