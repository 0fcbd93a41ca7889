"""What every process of a run has in its environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).parents[1]


def environment() -> dict[str, str]:
    """Ours, and where to find this package and the product, whoever runs it from wherever."""
    return {**os.environ, "PYTHONPATH": f"{_TESTS}{os.pathsep}{_TESTS.parent}", "OMP_NUM_THREADS": "1"}
