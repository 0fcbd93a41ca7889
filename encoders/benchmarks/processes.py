"""The same work in several processes at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import torch

from encoders.benchmarks.ways import Rows

_Encode = Callable[[list[Any]], Rows]
_held: list[tuple[_Encode, list[Any]]] = []
"""In a process of the pool: what encodes, and what it is given."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Several that do the same."""

    pool: ProcessPoolExecutor
    count: int

    def run(self) -> None:
        """Each encodes everything once; done when all are."""
        for done in [self.pool.submit(_encode) for _ in range(self.count)]:
            done.result()

    def close(self) -> None:
        """End them."""
        self.pool.shutdown(cancel_futures=True)


def several_processes(load: Callable[[], _Encode], items: list[Any], count: int) -> Processes:
    """Processes with one thread each; they begin at the first run."""
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(load, items))
    return Processes(pool, count)


def _begin(load: Callable[[], _Encode], items: list[Any]) -> None:
    torch.set_num_threads(1)
    _held.append((load(), items))


def _encode() -> None:
    ((encode, items),) = _held
    encode(items)
