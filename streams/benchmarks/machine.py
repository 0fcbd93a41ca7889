"""Which machine something was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = (
    "torch",
    "transformers",
    "torchvision",
    "onnxruntime",
    "faust-streaming",
    "aiokafka",
    "qdrant-edge-py",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on.

    Args:
        processor: its name.
        cores: that this process may use, as the system counts them.
        features: of the processor that encoders can use.
        versions: of libraries.
    """

    processor: str
    cores: int
    features: tuple[str, ...]
    versions: dict[str, str]

    def in_words(self) -> str:
        """For the line above a table."""
        features = f" ({', '.join(self.features)})" if self.features else ""
        return f"{self.processor}{features}, {self.cores} cores as the system counts them"


def this_machine() -> Machine:
    """The machine that this process runs on."""
    facts = dict(_processor_facts(Path("/proc/cpuinfo")))
    flags = facts.get("flags", "").split()
    return Machine(
        processor=facts.get("model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        features=tuple(one for one in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if one in flags),
        versions={name: found for name in _LIBRARIES if (found := _version(name))},
    )


def _processor_facts(file: Path) -> Iterator[tuple[str, str]]:
    """Of the first core; nothing where the system has no such file."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").partition("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
