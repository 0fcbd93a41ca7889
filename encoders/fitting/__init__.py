"""Making a bundle: the frozen IDF of a sample of titles, and encoders taken from elsewhere as they are."""

from encoders.fitting.changes import Changes
from encoders.fitting.fit import check_changes, fit_bundle

__all__ = ["Changes", "check_changes", "fit_bundle"]
