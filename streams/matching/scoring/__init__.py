"""The pair scorer: named comparisons of two listings, and boosted trees over them."""

from streams.matching.scoring.comparisons import COMPARISONS
from streams.matching.scoring.registry import Comparison, Speaks
from streams.matching.scoring.scorer import START, Scorer
from streams.matching.scoring.training import Examples, Trained, train_scorer, train_with_held_out
from streams.matching.scoring.weights import WordWeights, learn_weights

__all__ = [
    "COMPARISONS",
    "START",
    "Comparison",
    "Examples",
    "Scorer",
    "Speaks",
    "Trained",
    "WordWeights",
    "learn_weights",
    "train_scorer",
    "train_with_held_out",
]
