"""Calibrating the rules of a bundle on a labelled catalogue."""

from __future__ import annotations

from streams.evaluation.calibration import Calibration, calibrate
from streams.evaluation.comparing import Comparer
from streams.evaluation.evaluation import check_labels
from streams.evaluation.variations import base_of
from streams.learning import LabelledCatalogue
from streams.learning.telling import Telling
from streams.matching.rules import Rules


def calibrate_catalogue(
    catalogue: LabelledCatalogue, rules: Rules, target: float, telling: Telling | None = None
) -> Calibration:
    """Find the candidates as the rules would, and the thresholds that keep the promise.

    Raises:
        SettingsError: no two listings are one product.
    """
    check_labels(catalogue)
    compared = Comparer(catalogue, rules, telling or Telling()).compare(base_of(rules.policy))
    return calibrate(compared, catalogue, target)
