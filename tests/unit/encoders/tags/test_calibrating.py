import numpy as np
import pytest

from encoders.metrics.intervals import clopper_pearson
from encoders.tags import Examples, choose_cut
from encoders.tags.calibrating import DEFAULT_CUT


def examples(probabilities, right, groups=None):
    groups = np.arange(len(right)) if groups is None else groups
    return Examples(np.asarray(probabilities, float), np.asarray(right, bool), np.asarray(groups, np.intp))


def noisy(count, seed=0):
    """As likely right as the model says; probabilities from 0.3 to 0.99."""
    dice = np.random.default_rng(seed)
    probabilities = np.floor(dice.uniform(30, 100, count)) / 100
    return examples(probabilities, dice.uniform(size=count) < probabilities)


def test_the_cut_is_the_lowest_whose_lower_bound_is_what_is_asked_for():
    some = noisy(2000)
    chosen = choose_cut(some, 0.9)
    bounds = {}
    for cut in np.arange(101) / 100:
        told = some.probabilities >= cut
        bounds[cut] = clopper_pearson(some.right[told].sum(), told.sum())[0] if told.any() else 0
    assert chosen.value == min(cut for cut, bound in bounds.items() if bound >= 0.9)
    assert 0.5 < chosen.value < 0.95
    assert chosen.calibrated
    assert chosen.examples == 2000


def test_a_cut_holds_what_it_promises_on_other_photos():
    cuts = [choose_cut(noisy(400, seed), 0.85).value for seed in range(20)]
    others = noisy(100_000, 99)
    kept = [others.right[others.probabilities >= cut].mean() for cut in cuts if cut is not None]
    assert len(kept) > 15
    assert min(kept) > 0.83
    assert np.mean(np.array(kept) >= 0.85) >= 0.8


def test_the_figures_are_of_photos_that_the_cut_was_not_chosen_by():
    # A model that is right exactly where it was chosen to look so: no half tells about the other
    dice = np.random.default_rng(0)
    chosen = choose_cut(examples(dice.integers(0, 100, 400) / 100, dice.uniform(size=400) < 0.93), 0.85)
    assert chosen.value == 0.0
    assert chosen.precision == pytest.approx(0.93, abs=0.04)
    assert chosen.told == 1.0
    sharp = choose_cut(noisy(2000), 0.9)
    assert sharp.precision == pytest.approx(0.9, abs=0.04)
    assert 0.1 < sharp.told < 0.5


@pytest.mark.parametrize("count", [0, 1, 28])
def test_too_few_photos_leave_the_default(count):
    chosen = choose_cut(examples(np.ones(count), np.ones(count)), 0.9)
    assert (chosen.value, chosen.calibrated, chosen.precision, chosen.told) == (DEFAULT_CUT, False, None, None)
    assert chosen.examples == count


def test_as_many_as_it_takes_are_enough_though_not_to_measure_it():
    chosen = choose_cut(examples(np.full(29, 0.4), np.ones(29)), 0.9)
    assert (chosen.value, chosen.calibrated, chosen.precision) == (0.0, True, None)


def test_a_hundred_photos_of_one_thing_are_one_witness():
    chosen = choose_cut(examples(np.ones(100), np.ones(100), np.zeros(100)), 0.9)
    assert not chosen.calibrated


def test_where_no_cut_is_precise_enough_there_is_none():
    chosen = choose_cut(examples(np.linspace(0, 1, 500), np.arange(500) % 2), 0.9)
    assert (chosen.value, chosen.calibrated) == (None, True)
    assert (chosen.precision, chosen.told) == (None, 0.0)
