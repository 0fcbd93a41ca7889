"""How long work tells what it is at, without knowing whether a terminal listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Advance = Callable[[int], None]
"""Told how many more are done."""


def _no_steps(_what: str, _total: int) -> Advance:
    return lambda _done: None


@dataclass(frozen=True, slots=True)
class Telling:
    """Where progress and warnings go; by default nowhere.

    Args:
        warn: told what went wrong with one thing while the rest goes on.
        steps: told what begins and how many steps it has; returns what counts them.
    """

    warn: Callable[[str], None] = lambda _message: None
    steps: Callable[[str, int], Advance] = _no_steps
