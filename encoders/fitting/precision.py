"""What the encoders of a new bundle compute with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from encoders.bundle import DualSpec, ImageSpec, Precision, TextSpec
from encoders.fitting.parts import Part

_Spec = TypeVar("_Spec", TextSpec, ImageSpec, DualSpec)


@dataclass(frozen=True, slots=True)
class Choice:
    """A precision that was chosen.

    Args:
        precision: None leaves each encoder as it is in the base.
        words: which, and why.
    """

    precision: Precision | None
    words: str


def choose_precision(asked: Precision | None, device: str = "auto") -> Choice:
    """The one that is asked for, or else bfloat16 where that is fast: it is as near to float32 as matching needs.

    Args:
        asked: None chooses.
        device: by which to choose, as of `load_encoder`.

    Raises:
        EncoderError: the device is not there.
    """
    if asked:
        return Choice(asked, f"{asked}, as asked for")
    from encoders.loading import choose_device  # noqa: PLC0415 - imports torch
    from encoders.precision import has_bf16  # noqa: PLC0415 - likewise

    where = choose_device(device)
    if has_bf16(where):
        return Choice("bfloat16", f"bfloat16, for which this machine's {where.type} has instructions")
    return Choice(None, f"as in the base, for this machine's {where.type} has no instructions for bfloat16")


def in_precision(part: Part[_Spec], precision: Precision | None) -> Part[_Spec]:
    """A part that computes with that; None leaves it as it is."""
    if part.spec is None or precision is None:
        return part
    return replace(part, spec=replace(part.spec, precision=precision))
