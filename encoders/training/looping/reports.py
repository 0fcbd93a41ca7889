"""What a run tells when it is over, and `metrics.json` that keeps it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import orjson
import torch

from encoders.training.looping.folder import RunFolder, replacing
from encoders.training.looping.standing import Finish, Peak, Standing, Validation

_FORMAT = 1
_LIBRARIES = ("matchstream", "torch", "torchvision", "transformers", "numpy", "safetensors")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. The task's network has the best weights.

    Args:
        best: the validation whose weights were kept.
        untrained: the one before training.
        validations: all of them.
        updates: made in all.
        finish: the end of the course, or patience.
        seconds: spent, validations included and over all the times it was begun.
        peak: memory.
        device: what it ran on.
        precision: what it computed with.
    """

    best: Validation
    untrained: Validation
    validations: tuple[Validation, ...]
    updates: int
    finish: Finish
    seconds: float
    peak: Peak
    device: str
    precision: str


def outcome_of(standing: Standing, made_on: Mapping[str, str]) -> Outcome:
    """What a run that is over has come to."""
    if standing.best is None or standing.finish is None:
        raise ValueError(f"run: {standing.updates} updates without an end, a run that is over wanted")
    return Outcome(
        best=standing.best,
        untrained=standing.validations[0],
        validations=tuple(standing.validations),
        updates=standing.updates,
        finish=standing.finish,
        seconds=standing.seconds,
        peak=standing.peak,
        **made_on,
    )


def write_metrics(folder: RunFolder, plan: Mapping[str, Any], standing: Standing, made_on: Mapping[str, str]) -> None:
    """Replace `metrics.json`.

    Args:
        folder: of the run.
        plan: of the run, course included.
        standing: what it has done so far.
        made_on: device and precision.

    Raises:
        TrainingError: it can't be written.
    """
    values = {
        "format": _FORMAT,
        "finish": standing.finish,
        "best": standing.best,
        "untrained": standing.validations[0] if standing.validations else None,
        "updates": standing.updates,
        "seconds": standing.seconds,
        "peak_memory_bytes": asdict(standing.peak),
        **made_on,
        "versions": versions(),
        "plan": dict(plan),
        "validations": standing.validations,
        "training": standing.readings,
    }
    with replacing(folder.metrics) as temporary:
        temporary.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def device_name(device: torch.device) -> str:
    """What a figure says it was made on."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {torch.get_num_threads()} threads"


def peak_memory(device: torch.device) -> Peak:
    """The most that this process has held so far."""
    on_device = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return Peak(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT, on_device)


@cache
def versions() -> dict[str, str]:
    """Versions of the libraries that decide what is computed."""
    found = {"python": python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
