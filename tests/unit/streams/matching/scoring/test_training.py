from dataclasses import replace

import numpy as np
import pytest
from fakes.scored_shop import examples

from streams.errors import SettingsError
from streams.matching.scoring import COMPARISONS, Speaks, train_scorer, train_with_held_out

pytestmark = pytest.mark.slow


def test_the_same_examples_make_the_same_bytes_and_another_seed_others(trained_on, scorer_text):
    assert train_scorer(trained_on) == scorer_text
    assert train_scorer(trained_on, seed=1) != scorer_text


def test_there_is_no_path_and_no_time_in_it(scorer_text):
    assert "/" not in scorer_text.replace("+/", "").split("parameters:")[1]
    assert "[data: ]" in scorer_text or "[data:" not in scorer_text


def test_held_out_probabilities_are_honest_about_noise(trained_on):
    """Labels without any pattern can be learned by heart, but not told of products that were held out."""
    rng = np.random.default_rng(0)
    noise = replace(trained_on, same=rng.random(len(trained_on.same)) < 0.1)
    held_out = train_with_held_out(noise).held_out
    difference = held_out[noise.same].mean() - held_out[~noise.same].mean()
    assert abs(difference) < 0.02


def test_every_example_is_held_out_once(trained_on):
    held_out = train_with_held_out(trained_on).held_out
    assert ((held_out > 0) & (held_out < 1)).all()
    assert held_out[trained_on.same].mean() > 0.8


def test_a_fold_without_both_kinds_is_an_error(trained_on):
    with pytest.raises(SettingsError, match="pair scorer: 0 pairs of one product and"):
        train_scorer(replace(trained_on, same=np.zeros(len(trained_on.same), dtype=bool)))


def test_what_speaks_for_one_side_never_speaks_for_the_other():
    """With only held comparisons, a higher similarity never makes a lower probability."""
    from streams.matching.scoring import Scorer  # noqa: PLC0415 - beside what it is for

    names = ("text similarity", "lexical similarity", "storage differs")
    assert [COMPARISONS[name].speaks for name in names] == [Speaks.FOR, Speaks.FOR, Speaks.AGAINST]
    some = examples(products=40)
    scorer = Scorer.from_text(train_scorer(replace(some, comparisons=names)), "it")
    pairs = some.pairs.at(np.arange(100))
    higher = replace(pairs, single={m: np.minimum(part + 0.2, 1.0) for m, part in pairs.single.items()})
    assert (scorer.probabilities(higher) >= scorer.probabilities(pairs)).all()
