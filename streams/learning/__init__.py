"""What is learned from labelled listings: candidate pairs, folds, and everything `fit` puts into a bundle."""

from streams.learning.candidates import Candidates, find_candidates
from streams.learning.folds import folds
from streams.learning.labelled import LabelledCatalogue, label_catalogue

__all__ = ["Candidates", "LabelledCatalogue", "find_candidates", "folds", "label_catalogue"]
