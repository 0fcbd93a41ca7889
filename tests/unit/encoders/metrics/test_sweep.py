import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from encoders.metrics import Entries, average_precision, product_codes, recall_at_precision, sweep

PRODUCTS = product_codes(["a", "a", "a", "b"])


def of(scores, products=PRODUCTS):
    one, other = zip(*scores, strict=True)
    return Entries.of_pairs(products, np.array(one), np.array(other), np.array(list(scores.values()), float))


def crowd(seed, decimals):
    random = np.random.default_rng(seed)
    codes = random.integers(0, 12, 50)
    one, other = np.triu_indices(50, 1)
    score = np.round(random.random(len(one)) * 0.6 + 0.4 * (codes[one] == codes[other]), decimals)
    return Entries.of_pairs(codes, one, other, score)


def test_every_threshold_as_worked_by_hand():
    swept = sweep(of({(0, 1): 0.9, (0, 3): 0.8, (1, 2): 0.7, (0, 2): 0.7}))
    assert swept.thresholds.tolist() == [0.9, 0.8, 0.7]
    assert swept.precision == pytest.approx([1, 1 / 2, 3 / 4])
    assert swept.recall == pytest.approx([1 / 3, 1 / 3, 1])
    assert swept.f1 == pytest.approx([1 / 2, 2 / 5, 6 / 7])


@pytest.mark.parametrize("decimals", [1, 6])
@pytest.mark.parametrize("seed", range(4))
def test_each_row_is_what_matching_at_that_threshold_gives(seed, decimals):
    entries = crowd(seed, decimals)
    swept = sweep(entries)
    for i in range(0, len(swept.thresholds), 7):
        counts = entries.reaching(swept.thresholds[i]).counts()
        assert swept.mean_f1[i] == pytest.approx(counts.f1.mean())
        assert swept.precision[i] == pytest.approx(counts.rates.precision)
        assert swept.recall[i] == pytest.approx(counts.rates.recall)
        assert swept.f1[i] == pytest.approx(counts.rates.f1)


@pytest.mark.parametrize("seed", range(4))
def test_some_listings_are_swept_by_their_own_lists(seed):
    entries = crowd(seed, 2)
    some = np.arange(50) % 3 == 0
    swept = sweep(entries, some)
    i = len(swept.thresholds) // 2
    counts = entries.reaching(swept.thresholds[i]).counts().at(some)
    assert swept.mean_f1[i] == pytest.approx(counts.f1.mean())
    assert swept.recall[i] == pytest.approx(counts.rates.recall)


@pytest.mark.parametrize("decimals", [1, 6])
def test_area_is_scikit_learns_where_every_pair_is_a_candidate(decimals):
    entries = crowd(1, decimals)
    assert average_precision(sweep(entries)) == pytest.approx(average_precision_score(entries.same, entries.score))


def test_true_pairs_that_are_no_candidates_are_never_found():
    assert average_precision(sweep(of({(0, 1): 0.9}))) == pytest.approx(1 / 3)


def test_negative_scores_match_at_no_threshold():
    swept = sweep(of({(0, 1): 0.9, (0, 3): -1.0}))
    assert swept.thresholds.tolist() == [0.9]


def test_recall_at_precision_takes_the_loosest_that_is_precise_enough():
    swept = sweep(of({(0, 1): 0.9, (0, 3): 0.8, (1, 2): 0.7, (0, 2): 0.7}))
    assert recall_at_precision(swept, 0.75) == 1
    assert recall_at_precision(swept, 0.8) == pytest.approx(1 / 3)
    assert recall_at_precision(sweep(of({(0, 3): 0.8})), 0.5) == 0


def test_the_best_threshold_lies_between_two_scores():
    swept = sweep(of({(0, 1): 0.9, (0, 3): 0.5}))
    assert swept.best(swept.f1) == pytest.approx(0.7)


def test_nothing_to_match_is_swept_too():
    nobody = np.empty(0, np.intp)
    swept = sweep(Entries.of_pairs(PRODUCTS, nobody, nobody, np.empty(0)))
    assert len(swept.thresholds) == 0
    assert average_precision(swept) == 0
    assert swept.best(swept.mean_f1) == 1
