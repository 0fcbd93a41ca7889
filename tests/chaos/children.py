"""What every process of a run has in its environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).parents[1]


def environment() -> dict[str, str]:
    """Ours, where this package and the product are, whoever runs it from wherever, and the rest as in Dockerfile."""
    path = f"{_TESTS}{os.pathsep}{_TESTS.parent}"
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
