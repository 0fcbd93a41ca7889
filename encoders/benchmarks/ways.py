"""A way of making rows, and what all of them are measured on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.bundle import Precision

Rows = NDArray[np.float32]

TUTORIAL: Final = "tutorial"
"""One item at a time, as first examples do it."""
UNPADDED: Final = "one at a time, unpadded"
"""A title alone, without the padding of first examples."""
OURS: Final = "matchstream"
ONNX: Final = "ONNX Runtime"
SENTENCE_TRANSFORMERS: Final = "sentence-transformers"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of making rows.

    Args:
        name: whose it is, and what is special about it.
        items: how many it does at each run.
        run: does them; rows in the order of the items, or None where there are none to compare.
        batch: how many at once; None where there is no such number.
        threads: of torch inside one operation.
        own_process: whether it works in this process alone, whose time then tells what it took.
    """

    name: str
    items: int
    run: Callable[[], Rows | None]
    batch: int | None = None
    threads: int = 1
    own_process: bool = True

    @property
    def label(self) -> str:
        """Its name among the others."""
        return self.name if self.batch is None else f"{self.name}, {self.batch} at once"

    def rows(self) -> Rows | None:
        """Run it once, with as many threads as it wants."""
        with torch_threads(self.threads):
            return self.run()


@dataclass(slots=True)
class Ways:
    """Those that there are here.

    Args:
        ways: in the order of the tables.
        notes: what is left out, and why.
        closers: let go what they hold, as processes.
    """

    ways: list[Way] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        """Let everything go."""
        for close in self.closers:
            close()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be tried.

    Args:
        batch_sizes: of those ways that take several items at once.
        default_batch: of the candidates that are tried with one size alone.
        tutorial_items: that the slow way does at each run.
        precision: what the product would choose here.
        candidates: whether those are tried that are no way of the product.
        compiled: whether torch.compile is, which takes most of a minute to begin.
        device: where everything runs.
    """

    batch_sizes: Sequence[int]
    default_batch: int
    tutorial_items: int
    precision: Precision
    candidates: bool
    compiled: bool
    device: torch.device


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """So many inside, and as many as before outside."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def batches(count: int, size: int) -> Iterator[slice]:
    """The places of so many items, so many at once."""
    return (slice(start, start + size) for start in range(0, count, size))
