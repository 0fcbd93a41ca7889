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
    FUSION = "fusion"
    UNIFIED = "unified"

    @property
    def tunes(self) -> bool:
        """Whether it changes the encoders themselves, and learns no joint space over what they make."""
        return self in {RecipeName.ARCFACE, RecipeName.SOFTMAX}

    @property
    def joins(self) -> frozenset[Modality]:
        """Rows of which encoders it learns from; none where it changes the encoders themselves."""
        if self.tunes:
            return frozenset()
        return _FROZEN | SHARED if self is RecipeName.FUSION else _FROZEN

    @property
    def crosses(self) -> bool:
        """Whether photos find words in the space that it learns, and words photos."""
        return self is RecipeName.UNIFIED

    @property
    def needs_dual(self) -> bool:
        """Whether there has to be an encoder of photos and titles into one space."""
        return self is RecipeName.FUSION

    @property
    def settings(self) -> type[RecipeSettings]:
        """The dataclass of what can be set of it."""
        return _SETTINGS[self]

    @property
    def in_words(self) -> str:
        """What it does, in a line."""
        return _WORDS[self]


_FROZEN: Final = frozenset({Modality.IMAGE, Modality.TEXT})
SHARED: Final = frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT})
"""Whose rows a dual encoder makes."""

_SETTINGS: Final[dict[RecipeName, type[RecipeSettings]]] = {
    RecipeName.ARCFACE: TuningSettings,
    RecipeName.SOFTMAX: TuningSettings,
    RecipeName.CONTRASTIVE: ContrastiveSettings,
    RecipeName.FUSION: ContrastiveSettings,
    RecipeName.UNIFIED: UnifiedRecipeSettings,
}

_WORDS: Final[dict[RecipeName, str]] = {
    RecipeName.ARCFACE: "text and image encoder fine-tuned to tell products apart, with an angular margin",
    RecipeName.SOFTMAX: "the same without a margin: the baseline of arcface",
    RecipeName.CONTRASTIVE: "a projection of frozen encoders and numbers into one space, contrastive by product",
    RecipeName.FUSION: "the same of a dual encoder's rows beside those of the others: it needs a base that has one",
    RecipeName.UNIFIED: "one space over frozen encoders in which photo, words and both find one another",
}

EPOCHS: Final[dict[tuple[RecipeName, Modality], int]] = {
    (RecipeName.ARCFACE, Modality.TEXT): 6,
    (RecipeName.SOFTMAX, Modality.TEXT): 6,
    (RecipeName.ARCFACE, Modality.IMAGE): 12,
    (RecipeName.SOFTMAX, Modality.IMAGE): 12,
    (RecipeName.CONTRASTIVE, Modality.JOINT): 40,
    (RecipeName.FUSION, Modality.JOINT): 40,
    (RecipeName.UNIFIED, Modality.JOINT): 60,
}
"""How long each is trained unless something else is asked for."""
