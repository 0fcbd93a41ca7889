"""A scorer trained on a small generated shop."""

import pytest
from fakes.scored_shop import examples

from streams.matching.scoring import train_scorer


@pytest.fixture(scope="session")
def trained_on():
    return examples()


@pytest.fixture(scope="session")
def scorer_text(trained_on):
    return train_scorer(trained_on)
