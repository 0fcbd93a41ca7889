"""The sign of life of a worker: a file whose age others can look at."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

_BEAT_S = 5.0
_FRESH_S = 30.0


def is_alive(file: Path) -> bool:
    """Whether a worker touched the file within the last half minute."""
    with contextlib.suppress(FileNotFoundError):
        return time.time() - file.stat().st_mtime < _FRESH_S
    return False


async def beat(file: Path | None) -> None:
    """Touch the file every few seconds until cancelled; do nothing without a file."""
    while file is not None:
        _touch(file)
        await asyncio.sleep(_BEAT_S)


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
