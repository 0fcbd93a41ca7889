"""What safetensors files say of their tensors; nothing but their headers is read."""

from __future__ import annotations

from math import prod
from pathlib import Path

from safetensors import SafetensorError, safe_open

Shapes = dict[str, tuple[int, ...]]


def shapes_in(path: Path) -> Shapes:
    """Shape of each tensor, by name.

    Raises:
        OSError: the file can't be read.
        SafetensorError: it is of another kind.
    """
    with safe_open(path, framework="numpy") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping


def parameters_in(path: Path) -> int | None:
    """How many real numbers are in it; counters and tables of positions are left out. None if it holds no tensors."""
    try:
        with safe_open(path, framework="numpy") as file:
            parts = [file.get_slice(name) for name in file.keys()]  # noqa: SIM118 - no mapping
            return sum(int(prod(one.get_shape())) for one in parts if "F" in one.get_dtype())
    except (OSError, SafetensorError):
        return None
