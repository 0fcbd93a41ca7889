"""A generated catalogue: invented goods, sellers, titles and photographs, with the truth known.

Seeds divide the invented worlds, so that nothing is shown on products that anything was fitted to.
"""

from encoders.training.catalogue.listings import GeneratedListing, generate_catalogue
from encoders.training.catalogue.writing import write_catalogue

TRAINING_SEED = 1
"""Products the image weights are trained on, and the titles the IDF weights are learnt from."""

VALIDATION_SEED = 2
"""Products on which the trained image weights are measured."""

TUNING_SEEDS = (3, 6, 7, 8)
"""Catalogues on which the thresholds and weights of matching were chosen; one alone is too lucky or unlucky."""

TEST_SEEDS = (4, 9, 10, 11)
"""Catalogues on which the whole is measured, once everything is chosen."""

DEMO_SEED = 5
"""Products that `make demo` shows."""

__all__ = [
    "DEMO_SEED",
    "TEST_SEEDS",
    "TRAINING_SEED",
    "TUNING_SEEDS",
    "VALIDATION_SEED",
    "GeneratedListing",
    "generate_catalogue",
    "write_catalogue",
]
