"""A title as another seller would have written it."""

from __future__ import annotations

from encoders.training.augmentation.settings import TitleSettings
from encoders.training.augmentation.slips import dropped, misspelt, pieces_of, swapped
from encoders.training.augmentation.spellings import remodelled, respelled
from encoders.training.augmentation.wording import table
from encoders.training.dice import Dice

_STREAM = 100
"""Photos have those below it."""


class TitleAugmentation:
    """Makes training titles of titles. What they say of the product is said less or otherwise, never contradicted.

    Args:
        settings: what is changed how often.
    """

    def __init__(self, settings: TitleSettings | None = None) -> None:
        self._settings = settings or TitleSettings()

    def __call__(self, title: str, seed: int) -> str:
        """Another title of the same product; never empty if the title is not.

        Args:
            title: as its seller wrote it.
            seed: decides everything, 0 or more.
        """
        if self._settings.strength == 0 or not title.strip():
            return title
        wordings, slips, shows = (Dice(seed, stream) for stream in range(_STREAM, _STREAM + 3))
        return self._decorated(self._slipped(self._reworded(title, wordings), slips), shows)

    def _reworded(self, title: str, dice: Dice) -> str:
        often, strength = self._settings, self._settings.strength
        return remodelled(respelled(title, strength * often.spelling, dice), strength * often.model, dice)

    def _slipped(self, title: str, dice: Dice) -> str:
        often, strength = self._settings, self._settings.strength
        pieces = dropped(pieces_of(title), strength * often.drop, strength * often.telling_drop, dice)
        if dice.chance(strength * often.swap):
            pieces = swapped(pieces, dice)
        if dice.chance(strength * often.typo):
            pieces = misspelt(pieces, dice)
        return " ".join(pieces)

    def _decorated(self, title: str, dice: Dice) -> str:
        if dice.chance(self._settings.strength * self._settings.case):
            title = dice.pick(str.upper, str.lower, _capitalised)(title)
        return _praised(title, dice) if dice.chance(self._settings.strength * self._settings.noise) else title


def _capitalised(title: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in title.split())


def _praised(title: str, dice: Dice) -> str:
    """A title with what sellers put before or behind it."""
    sellers = table("sellers")
    if dice.chance(0.5):
        return f"{dice.one_of(sellers['prefixes'])} {title}"
    return f"{title}{dice.one_of(sellers['signs'])}{dice.one_of(sellers['suffixes'])}"
