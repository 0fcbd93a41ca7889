"""How similarities of candidates are spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Flags, Floats, Places
from streams.evaluation.measuring import Row

_BINS = 50


@dataclass(frozen=True, slots=True)
class Histogram:
    """How similarities of candidates are spread: counts of (b,) bins between (b + 1,) edges."""

    edges: Floats
    same: Floats
    different: Floats


def histograms(row: Row, products: Places) -> dict[str, Histogram]:
    """How similar candidates of one product are, and others: by modality, combined, and by the score."""
    found, same = row.compared.candidates, row.compared.candidates.same(products)
    values = {modality.value: part for modality, part in found.single.items()}
    values["combined"] = found.combined
    if row.compared.rules.scorer:
        values["probability"] = np.where(row.compared.scores < 0, np.nan, row.compared.scores)
    return {name: _histogram(part, same) for name, part in values.items()}


def _histogram(values: Floats, same: Flags) -> Histogram:
    there = ~np.isnan(values)
    low = min(0.0, float(np.floor(values[there].min(initial=0.0) * 10) / 10))
    edges = np.linspace(low, 1.0, _BINS + 1)
    clipped = np.clip(values, low, 1.0)
    counts = [np.histogram(clipped[there & part], edges)[0].astype(np.float64) for part in (same, ~same)]
    return Histogram(edges, counts[0], counts[1])
