"""How much of the processors a process has used: steadier than the clock on a machine that does other work besides."""

from __future__ import annotations

import os
from pathlib import Path

_PROCESSES = Path("/proc")
_USER, _SYSTEM = 11, 12  # of the fields behind the command's name


def processor_s(process_id: int | None) -> float | None:
    """Seconds of processors that a process and its threads have used so far; None where nobody tells."""
    try:
        told = (_PROCESSES / str(process_id) / "stat").read_text(encoding="utf-8")
    except OSError:
        return None
    fields = told.rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")


def all_processors_s(process_id: int | None) -> float | None:
    """Likewise of a process and those that it has begun, as they are now."""
    own = processor_s(process_id)
    if own is None:
        return None
    return own + sum(all_processors_s(child) or 0.0 for child in _children(process_id))


def _children(process_id: int | None) -> list[int]:
    threads = (_PROCESSES / str(process_id) / "task").glob("*/children")
    try:
        return [int(child) for one in threads for child in one.read_text(encoding="ascii").split()]
    except OSError:
        return []


def less(after: float | None, before: float | None) -> float | None:
    """What was used in between; None unless both are known."""
    return None if after is None or before is None else after - before
