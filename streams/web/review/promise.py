"""The precision that was promised when the thresholds of a bundle were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from encoders.bundle import read_bundle
from encoders.errors import BundleError

USUAL: Final = 0.99
"""What 'matchstream calibrate' aims at when nothing else is said."""


@cache
def promised_precision(bundle: str) -> float:
    """What a bundle was calibrated to; the usual where it was not, or where it is not at hand."""
    try:
        calibration = read_bundle(bundle).provenance.get("calibration")
    except BundleError:
        return USUAL
    target = calibration.get("target_precision") if isinstance(calibration, Mapping) else None
    return float(target) if isinstance(target, int | float) and 0 < target < 1 else USUAL
