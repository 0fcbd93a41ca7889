"""What numbers networks compute with: float32, or bfloat16 of half the bytes, on some processors in half the time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import torch

from encoders.bundle import EXACT, Precision

_CPU_FEATURES: Final = ("avx512_bf16", "amx_bf16", "avx10_2")
_log = logging.getLogger(__name__)


def has_bf16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; without them it is float32 with detours."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Older versions of torch don't tell
    features: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return device.type == "cpu" and any(features.get(name) for name in _CPU_FEATURES)


def of_precision(model: Any, precision: Precision, device: torch.device, subject: str) -> Any:
    """The model with its weights in that precision; says once in a process where that is slow.

    Args:
        model: of float32; changed in place.
        precision: what it is to compute with.
        device: where.
        subject: which model, for the log.
    """
    if precision == EXACT:
        return model
    if not has_bf16(device):
        _tell_slow(subject)
    return model.to(number_of(precision))


def number_of(precision: Precision) -> torch.dtype:
    """What torch calls it."""
    return torch.float32 if precision == EXACT else torch.bfloat16


@cache
def _tell_slow(subject: str) -> None:
    remedy = "run it where there are, or make a bundle with 'matchstream fit --precision float32'"
    _log.warning(
        "%s: no instructions for bfloat16 here, which its bundle wants; slower than need be; %s", subject, remedy
    )
