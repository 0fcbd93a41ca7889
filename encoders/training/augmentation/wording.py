"""The tables of words this package writes with."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """One table of the package, read once."""
    text = files("encoders.training.augmentation").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
