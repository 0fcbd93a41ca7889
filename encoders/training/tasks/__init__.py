"""What each recipe trains: data, network and loss behind the loop's protocol."""

from encoders.training.tasks.contrasting import ContrastingTask
from encoders.training.tasks.projecting import Frozen, JointNetwork
from encoders.training.tasks.settings import (
    ContrastiveSettings,
    RecipeSettings,
    TuningSettings,
    UnifiedRecipeSettings,
    settings_of,
)
from encoders.training.tasks.tuning import Rates, Trainee, TuningTask
from encoders.training.tasks.unifying import UnifyingTask

__all__ = [
    "ContrastingTask",
    "ContrastiveSettings",
    "Frozen",
    "JointNetwork",
    "Rates",
    "RecipeSettings",
    "Trainee",
    "TuningSettings",
    "TuningTask",
    "UnifiedRecipeSettings",
    "UnifyingTask",
    "settings_of",
]
