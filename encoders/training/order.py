"""What is to be trained, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from encoders.bundle import Bundle
from encoders.bundle.reading import FORMAT
from encoders.fitting import Changes
from encoders.training.data import Examples, Split
from encoders.training.looping import Course, Outcome, RunFolder
from encoders.training.recipes import EPOCHS, RecipeName
from encoders.training.tasks import RecipeSettings
from encoders.types import Modality


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Args:
        recipe: by which to train.
        base: whose encoders training starts from.
        modalities: which of them are fine-tuned, where the recipe does that.
        settings: of the recipe.
        course: how long and how hard; its epochs count where `epochs` says so.
        epochs: of the course; None takes as many as the recipe is usually trained.
        held_out: share of the products that are watched and not learned from.
        device: to train on.
        threads: of a CPU.
        folder: of checkpoints, logs and figures.
        draws: whether curves are among them.
    """

    recipe: RecipeName
    base: Bundle
    modalities: tuple[Modality, ...]
    settings: RecipeSettings
    course: Course
    epochs: int | None
    held_out: float
    device: torch.device
    threads: int
    folder: Path
    draws: bool = True

    def course_of(self, modality: Modality) -> Course:
        """The course of one of its trainings. What is small loses more by rounding than it gains in time."""
        course = replace(self.course, epochs=self.epochs or EPOCHS[self.recipe, modality])
        rounds = course.precision == "auto" and not self.recipe.tunes
        return replace(course, precision="fp32") if rounds else course

    def folder_of(self, modality: Modality, split: Split) -> RunFolder:
        """The folder of one of its trainings, on these listings."""
        return RunFolder(self.folder / modality, self.plan(split), draws=self.draws)

    def plan(self, split: Split) -> dict[str, Any]:
        """Whatever decides the result, beside the course; other versions may train otherwise."""
        return {
            "matchstream": version("matchstream"),
            "bundle_format": FORMAT,
            "recipe": self.recipe,
            "base": self.base.digest,
            "settings": self.settings,
            "training": split.training.digest(),
            "held_out": split.held_out.digest(),
            "rows": [side.rows_digest() for side in (split.training, split.held_out)],
            "threads": self.threads if self.device.type == "cpu" else 0,
        }


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it.

    Args:
        changes: what a bundle made of it has otherwise than the base.
        outcomes: of the training of each modality.
        examples: everything that was learned from or watched.
        split: its two sides.
    """

    changes: Changes
    outcomes: Mapping[Modality, Outcome]
    examples: Examples
    split: Split
