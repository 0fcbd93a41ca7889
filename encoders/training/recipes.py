"""The published recipes, by name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from encoders.training.tasks.settings import (
    ContrastiveSettings,
    RecipeSettings,
    TuningSettings,
    UnifiedRecipeSettings,
)
from encoders.types import Modality


class RecipeName(StrEnum):
    """What `matchstream train --recipe` takes."""

    ARCFACE = "arcface"
    SOFTMAX = "softmax"
    CONTRASTIVE = "contrastive"
    UNIFIED = "unified"

    @property
    def tunes(self) -> bool:
        """Whether it changes the encoders themselves, and learns no joint space over what they make."""
        return self in {RecipeName.ARCFACE, RecipeName.SOFTMAX}

    @property
    def settings(self) -> type[RecipeSettings]:
        """The dataclass of what can be set of it."""
        return _SETTINGS[self]

    @property
    def in_words(self) -> str:
        """What it does, in a line."""
        return _WORDS[self]


_SETTINGS: Final[dict[RecipeName, type[RecipeSettings]]] = {
    RecipeName.ARCFACE: TuningSettings,
    RecipeName.SOFTMAX: TuningSettings,
    RecipeName.CONTRASTIVE: ContrastiveSettings,
    RecipeName.UNIFIED: UnifiedRecipeSettings,
}

_WORDS: Final[dict[RecipeName, str]] = {
    RecipeName.ARCFACE: "text and image encoder fine-tuned to tell products apart, with an angular margin",
    RecipeName.SOFTMAX: "the same without a margin: the baseline of arcface",
    RecipeName.CONTRASTIVE: "a projection of frozen encoders and numbers into one space, contrastive by product",
    RecipeName.UNIFIED: "one space over frozen encoders in which photo, words and both find one another",
}

EPOCHS: Final[dict[tuple[RecipeName, Modality], int]] = {
    (RecipeName.ARCFACE, Modality.TEXT): 6,
    (RecipeName.SOFTMAX, Modality.TEXT): 6,
    (RecipeName.ARCFACE, Modality.IMAGE): 12,
    (RecipeName.SOFTMAX, Modality.IMAGE): 12,
    (RecipeName.CONTRASTIVE, Modality.JOINT): 40,
    (RecipeName.UNIFIED, Modality.JOINT): 60,
}
"""How long each is trained unless something else is asked for."""
