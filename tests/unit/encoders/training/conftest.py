"""Trains by any recipe, in a folder of the test."""

from dataclasses import replace

import pytest
from fakes.recipe_runs import CATALOGUES, SETTINGS
from fakes.toy_catalogue import FUSED_SIZE, SIZE, order

from encoders.bundle import DualSpec
from encoders.training.looping import Progress
from encoders.training.recipes import RecipeName
from encoders.training.train import train


@pytest.fixture
def base(tiny_bundle):
    """The tiny bundle; for recipes over frozen encoders, as if its encoders had made the toy's rows."""

    def of(recipe):
        if RecipeName(recipe).tunes:
            return tiny_bundle
        if RecipeName(recipe).needs_dual:
            return replace(tiny_bundle, dual=DualSpec("dual"), dimensions=FUSED_SIZE)
        return replace(tiny_bundle, dimensions=SIZE)

    return of


@pytest.fixture
def trained(tmp_path, base):
    """Trains by a recipe, in a folder of the test."""

    def train_by(recipe, epochs, examples=None, folder="run", progress=None, **settings):
        asked = order(recipe, base(recipe), tmp_path / folder, epochs, **{**SETTINGS[recipe], **settings})
        return train(asked, CATALOGUES[recipe]() if examples is None else examples, progress or Progress())

    return train_by
