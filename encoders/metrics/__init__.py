"""Metrics: how right lists, rankings and groups of listings are, and how sure that is.

Pure NumPy and SciPy over flat arrays of pairs: nothing here grows with the square of the catalogue.
"""

from encoders.metrics.agreement import Agreement, b_cubed
from encoders.metrics.bootstrap import Interval, Resamples
from encoders.metrics.intervals import Evidence, clopper_pearson, pairs_needed
from encoders.metrics.lists import Entries, ListCounts, Rates, product_codes
from encoders.metrics.ranking import Ranking, ranking
from encoders.metrics.sweep import Sweep, average_precision, recall_at_precision, sweep

__all__ = [
    "Agreement",
    "Entries",
    "Evidence",
    "Interval",
    "ListCounts",
    "Ranking",
    "Rates",
    "Resamples",
    "Sweep",
    "average_precision",
    "b_cubed",
    "clopper_pearson",
    "pairs_needed",
    "product_codes",
    "ranking",
    "recall_at_precision",
    "sweep",
]
