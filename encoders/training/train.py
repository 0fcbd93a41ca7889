"""Training by a recipe: from labelled listings to what a new bundle has otherwise than its base."""

from __future__ import annotations

import torch

from encoders.training.data import Examples
from encoders.training.looping import Progress
from encoders.training.order import Order, Trained
from encoders.training.project import project
from encoders.training.tasks import TuningSettings
from encoders.training.tune import tune_each


def train(order: Order, examples: Examples, progress: Progress) -> Trained:
    """Train, or go on where an earlier run of the same order was interrupted.

    Args:
        order: what is asked for.
        examples: labelled listings; the recipes over frozen encoders need their rows.
        progress: told how it goes.

    Raises:
        BundleError: something of the base can't be read.
        TrainingError: there is too little to learn from, or training can't go on; nothing half-written is left.
    """
    torch.set_num_threads(order.threads)
    torch.manual_seed(order.course.seed)
    if isinstance(order.settings, TuningSettings):
        return tune_each(order, order.settings, examples, progress)
    return project(order, order.settings, examples, progress)
