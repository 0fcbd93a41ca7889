"""Loading what comes next while the network is busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")


def prefetched(load: Callable[[T], S], items: Iterable[T], ahead: int) -> Generator[tuple[T, S]]:
    """Each item with what `load` makes of it, in order, while `ahead` threads load the next ones.

    What `load` raises is raised when its item's turn comes. Closing the iterator ends the threads.
    """
    pool = ThreadPoolExecutor(ahead, thread_name_prefix="load")
    waiting: deque[tuple[T, Future[S]]] = deque()
    try:
        for item in items:
            waiting.append((item, pool.submit(load, item)))
            if len(waiting) > ahead:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _next(waiting: deque[tuple[T, Future[S]]]) -> tuple[T, S]:
    item, loaded = waiting.popleft()
    return item, loaded.result()
