"""Making a bundle: the frozen IDF of a sample of titles, and encoders taken from elsewhere as they are."""

from encoders.fitting.changes import Changes
from encoders.fitting.fit import fit_bundle

__all__ = ["Changes", "fit_bundle"]
