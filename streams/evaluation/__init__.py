"""Evaluation: how right the matches of a labelled catalogue are, what each part brings, and safe thresholds."""

from streams.evaluation.calibration import Calibration, Threshold, calibrate
from streams.evaluation.evaluation import Evaluation, Options, evaluate
from streams.evaluation.measuring import FIGURES, Row

__all__ = [
    "FIGURES",
    "Calibration",
    "Evaluation",
    "Options",
    "Row",
    "Threshold",
    "calibrate",
    "evaluate",
]
