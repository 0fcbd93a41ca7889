"""Making a bundle: the frozen IDF of a sample of titles, and encoders taken from elsewhere as they are."""

from encoders.fitting.changes import Changes
from encoders.fitting.fit import check_changes, fit_bundle
from encoders.fitting.precision import choose_precision

__all__ = ["Changes", "check_changes", "choose_precision", "fit_bundle"]
