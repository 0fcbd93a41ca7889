"""Every target takes valid inputs, what was found once, seeded mutations and any bytes, and raises nothing."""

import random

import pytest
from fuzz.found import FOUND
from fuzz.mutating import mutated
from fuzz.seeds import SEEDS
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

MUTATIONS = {"manifest": 60, "tensors": 60, "title": 60}
MANY = 300


def test_every_target_has_seeds():
    assert set(SEEDS) == set(TARGETS)
    assert set(FOUND) <= set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_valid_inputs_and_what_was_found_once_raise_nothing(target):
    for data in [*SEEDS[target](), *FOUND.get(target, ())]:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_mutations_of_valid_inputs_raise_nothing(target):
    dice, seeds = random.Random(target), SEEDS[target]()
    for _ in range(MUTATIONS.get(target, MANY)):
        TARGETS[target](mutated(dice, seeds))


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_thousands_of_mutations_raise_nothing(target):
    dice, seeds = random.Random(f"long {target}"), SEEDS[target]()
    for _ in range(20 * MUTATIONS.get(target, MANY)):
        TARGETS[target](mutated(dice, seeds))


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=15, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_raise_nothing(target, data):
    TARGETS[target](data)
