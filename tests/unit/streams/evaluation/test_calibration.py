import numpy as np
import pytest
from fakes.labelled import labelled, policy

from encoders.metrics import clopper_pearson, pairs_needed
from streams.evaluation.calibrating import calibrate_catalogue
from streams.evaluation.calibration import _Test
from streams.evaluation.evidence import Witnesses
from streams.matching.rules import Rules

TARGET = 0.95
ONE_ORDER = 0.975
NEEDED = pairs_needed(0.99, 1.0, ONE_ORDER)


def witnesses(random, size, precision):
    """Independent pairs; `precision` is the chance of a pair with a score to be right."""
    scores = random.random(size)
    return Witnesses(scores, random.random(size) < precision(scores), np.arange(size), np.ones(size))


def true_precision(precision, threshold):
    scores = np.linspace(threshold, 1, 2001)
    return float(precision(scores).mean())


def sloping(scores):
    return 0.8 + 0.2 * scores


def test_the_threshold_is_the_loosest_that_is_shown():
    random = np.random.default_rng(0)
    found = _Test(TARGET, 0.95).find(witnesses(random, 20_000, sloping), witnesses(random, 40_000, sloping))
    # above 0.5 nine in ten and a half are right: 0.8 + 0.2 * (0.5 + 1) / 2
    assert found.match == pytest.approx(0.5, abs=0.08)
    assert found.match > 0.49
    assert found.bound >= TARGET
    assert found.bound == pytest.approx(clopper_pearson(found.evidence.right, found.evidence.total, ONE_ORDER)[0])


def test_the_promise_is_broken_no_more_often_than_allowed():
    random = np.random.default_rng(1)
    runs, broken, made = 120, 0, 0
    for _ in range(runs):
        found = _Test(TARGET, 0.95).find(witnesses(random, 400, sloping), witnesses(random, 800, sloping))
        made += found.match is not None
        broken += found.match is not None and true_precision(sloping, found.match) < TARGET
    assert made > runs / 4
    assert broken <= 0.05 * runs + 2 * np.sqrt(0.05 * 0.95 * runs)


def test_where_no_threshold_is_precise_enough_it_abstains_and_says_that_labels_will_not_help():
    random = np.random.default_rng(2)

    def flat(scores):
        return np.full_like(scores, 0.7)

    found = _Test(TARGET, 0.95).find(witnesses(random, 2000, flat), witnesses(random, 4000, flat))
    assert (found.match, found.missing) == (None, None)
    assert found.review is not None


def test_pairs_of_one_score_reach_the_threshold_that_is_taken_from_them():
    ties = Witnesses(np.full(300, 0.940866), np.ones(300, dtype=bool), np.arange(300), np.ones(300))
    assert _Test(TARGET, 0.95).find(ties, ties).match == 0.9408


def test_with_too_few_labels_it_abstains_and_says_how_many_are_missing():
    random = np.random.default_rng(3)
    found = _Test(0.99, 0.95).find(witnesses(random, 20, np.ones_like), witnesses(random, 40, np.ones_like))
    assert (found.match, found.missing) == (None, NEEDED - int(found.evidence.total))


def test_the_review_band_goes_down_to_where_one_in_five_is_right():
    random = np.random.default_rng(4)

    def steep(scores):
        return np.clip(2 * scores - 0.6, 0, 1)

    found = _Test(0.9, 0.95).find(witnesses(random, 20_000, steep), witnesses(random, 40_000, steep))
    assert found.review < found.match
    # one in five is right at 0.4
    assert found.review == pytest.approx(0.4, abs=0.03)


def test_without_any_pair_everything_is_missing():
    none = witnesses(np.random.default_rng(0), 0, np.ones_like)
    found = _Test(0.99, 0.95).find(none, none)
    assert (found.match, found.review, found.missing) == (None, None, NEEDED)


def two_categories(seed=0):
    """Apples can be told apart; pears come in pairs of products that look the same."""
    catalogue = labelled([3] * 400, noise=0.35, seed=seed, categories=("Apples", "Pears"))
    labels = tuple(
        f"{label}{'ab'[i % 2]}" if catalogue.categories[i] == "Pears" else label
        for i, label in enumerate(catalogue.labels)
    )
    return type(catalogue)(catalogue.listing_ids, catalogue.embeddings, catalogue.details, labels, catalogue.images)


def test_a_category_that_can_be_told_apart_gets_a_threshold_and_one_that_can_not_goes_to_people():
    found = calibrate_catalogue(two_categories(), Rules(policy()), TARGET)
    apples = next(one for one in found.categories if one.category == "apples")
    assert apples.match is not None
    assert apples.bound >= TARGET
    pears = next((one for one in found.categories if one.category == "pears"), found.general)
    assert pears.match is None


def test_the_same_labels_give_the_same_thresholds():
    assert calibrate_catalogue(two_categories(), Rules(policy()), TARGET) == calibrate_catalogue(
        two_categories(), Rules(policy()), TARGET
    )
