"""What can be set of a recipe, and what is told where it can't."""

import pytest

from encoders.errors import TrainingError
from encoders.training.recipes import EPOCHS, RecipeName
from encoders.training.tasks import ContrastiveSettings, TuningSettings, UnifiedRecipeSettings, settings_of
from encoders.types import Modality, Numeric


def test_without_changes_they_are_the_defaults():
    for recipe in RecipeName:
        assert settings_of(recipe.settings, (), recipe) == recipe.settings()


@pytest.mark.parametrize(
    ("kind", "change", "name", "value"),
    [
        (TuningSettings, "margin=0.4", "margin", 0.4),
        (TuningSettings, "neck=false", "neck", False),
        (TuningSettings, "crop=64", "crop", 64),
        (TuningSettings, "crop=none", "crop", None),
        (TuningSettings, "batch=16", "batch", 16),
        (ContrastiveSettings, "numeric=words, log_price", "numeric", (Numeric.WORDS, Numeric.LOG_PRICE)),
        (ContrastiveSettings, "numeric=", "numeric", ()),
        (UnifiedRecipeSettings, "locality=0", "locality", 0.0),
    ],
    ids=str,
)
def test_text_becomes_what_it_says(kind, change, name, value):
    assert getattr(settings_of(kind, [change], "any"), name) == value


def test_of_several_changes_of_one_setting_the_last_counts():
    assert settings_of(TuningSettings, ["rate=0.1", "margin=0.2", "rate=0.3"], "arcface").rate == 0.3


@pytest.mark.parametrize("change", ["margins=0.4", "margin", "", "=1", "Margin=0.4"])
def test_what_a_recipe_does_not_have_is_told_with_what_it_has(change):
    told = f"recipe 'arcface': '{change}', NAME=VALUE with one of margin, scale, .*, crop wanted; see 'matchstream"
    with pytest.raises(TrainingError, match=told):
        settings_of(TuningSettings, [change], "arcface")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (TuningSettings, "margin=20"),
        (TuningSettings, "margin=nan"),
        (TuningSettings, "rate=0"),
        (TuningSettings, "rate=inf"),
        (TuningSettings, "rate=fast"),
        (TuningSettings, "weight_decay=inf"),
        (TuningSettings, "batch=1"),
        (TuningSettings, "augment=2"),
        (TuningSettings, "neck=maybe"),
        (TuningSettings, "crop=8"),
        (ContrastiveSettings, "numeric=words,weight"),
        (ContrastiveSettings, "dimensions=1"),
        (ContrastiveSettings, "temperature=0"),
        (ContrastiveSettings, "hidden=-1"),
        (UnifiedRecipeSettings, "matching=inf"),
        (UnifiedRecipeSettings, "products=1"),
        (UnifiedRecipeSettings, "hard=1.5"),
    ],
)
def test_what_is_out_of_bounds_is_told(kind, change):
    with pytest.raises(TrainingError, match=f"recipe 'mine': {change}, .* wanted; give another value"):
        settings_of(kind, [change], "mine")


def test_every_recipe_says_what_it_does_and_how_long():
    for recipe in RecipeName:
        assert recipe.in_words
        trained = {modality for name, modality in EPOCHS if name is recipe}
        assert trained == ({Modality.IMAGE, Modality.TEXT} if recipe.tunes else {Modality.JOINT})
