"""How many digits a network computes with."""

from __future__ import annotations

import torch

from encoders.precision import has_bf16
from encoders.training.looping.course import Precision


def resolved(precision: Precision, device: torch.device) -> Precision:
    """What "auto" is on that device: bf16 if it has instructions for it."""
    if precision != "auto":
        return precision
    return "bf16" if has_bf16(device) else "fp32"


def autocast(precision: Precision, device: torch.device) -> torch.autocast:
    """Let what runs inside compute in bf16 if the precision says so."""
    return torch.autocast(device.type, torch.bfloat16, enabled=resolved(precision, device) == "bf16")


def full_precision(device: torch.device) -> torch.autocast:
    """Let what runs inside compute with the types it is given: losses, cosines that are ranked."""
    return torch.autocast(device.type, enabled=False)
