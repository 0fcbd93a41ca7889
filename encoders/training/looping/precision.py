"""How many digits a network computes with."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from encoders.training.looping.course import Precision

_CPU_FEATURES = ("avx512_bf16", "amx_bf16", "avx10_2")


def resolved(precision: Precision, device: torch.device) -> Precision:
    """What "auto" is on that device: bf16 if it has instructions for it."""
    if precision != "auto":
        return precision
    return "bf16" if _has_bf16(device) else "fp32"


def autocast(precision: Precision, device: torch.device) -> torch.autocast:
    """Let what runs inside compute in bf16 if the precision says so."""
    return torch.autocast(device.type, torch.bfloat16, enabled=resolved(precision, device) == "bf16")


def full_precision(device: torch.device) -> torch.autocast:
    """Let what runs inside compute with the types it is given: losses, cosines that are ranked."""
    return torch.autocast(device.type, enabled=False)


def _has_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    features: Mapping[str, object] = getattr(
        torch.cpu, "get_capabilities", dict
    )()  # older versions of torch don't tell
    return device.type == "cpu" and any(features.get(name) for name in _CPU_FEATURES)
