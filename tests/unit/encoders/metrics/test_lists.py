import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from encoders.metrics import Entries, product_codes

# a1 a2 a3 are one product, b1 b2 another, c alone
PRODUCTS = product_codes(["a", "a", "a", "b", "b", "c"])


def pairs(*three):
    one, other, score = zip(*three, strict=True) if three else ((), (), ())
    return Entries.of_pairs(PRODUCTS, np.array(one, np.intp), np.array(other, np.intp), np.array(score, float))


def random_entries(seed, listings=60, products=15, share=0.2):
    random = np.random.default_rng(seed)
    codes = random.integers(0, products, listings)
    one, other = np.triu_indices(listings, 1)
    kept = random.random(len(one)) < share
    score = np.round(random.random(kept.sum()) * 0.5 + 0.5 * (codes[one[kept]] == codes[other[kept]]), 1)
    return Entries.of_pairs(codes, one[kept], other[kept], score)


def test_codes_are_the_same_for_one_product_only():
    assert product_codes(["x", "10", "x", "1"]).tolist() == [2, 1, 2, 0]


def test_mean_f1_of_lists_as_worked_by_hand():
    found = pairs((0, 1, 0.9), (0, 3, 0.8))
    # a1: finds {a1 a2 b1} of {a1 a2 a3}; a2: {a2 a1} of 3; a3: {a3} of 3; b1: {b1 a1} of 2; b2: {b2} of 2; c: right
    by_hand = [2 * 2 / 6, 2 * 2 / 5, 2 * 1 / 4, 2 * 1 / 4, 2 * 1 / 3, 1.0]
    assert found.counts().f1 == pytest.approx(by_hand)


def test_listings_alone_that_find_nobody_are_all_right():
    assert pairs().counts().f1[5] == 1
    assert pairs().counts().rates.precision == 1


@pytest.mark.parametrize("seed", range(5))
def test_rates_over_pairs_are_those_of_scikit_learn(seed):
    entries = random_entries(seed)
    n = len(entries.products)
    truth = (entries.products[:, None] == entries.products)[np.triu_indices(n, 1)]
    matched = np.zeros((n, n), bool)
    matched[entries.own, entries.other] = entries.score >= 0.6
    guess = matched[np.triu_indices(n, 1)]
    rates = entries.reaching(0.6).counts().rates
    assert rates.precision == pytest.approx(precision_score(truth, guess))
    assert rates.recall == pytest.approx(recall_score(truth, guess))
    assert rates.f1 == pytest.approx(f1_score(truth, guess))


@pytest.mark.parametrize("seed", range(5))
def test_mean_f1_of_lists_is_the_mean_of_scikit_learns_rows(seed):
    entries = random_entries(seed)
    n = len(entries.products)
    matched = np.eye(n, dtype=bool)
    matched[entries.own, entries.other] = entries.score >= 0.6
    truth = entries.products[:, None] == entries.products
    assert entries.reaching(0.6).counts().f1.mean() == pytest.approx(f1_score(truth, matched, average="samples"))


def test_lists_of_some_listings_hold_the_others_too():
    found = pairs((0, 1, 0.9), (0, 3, 0.8))
    rates = found.of_listings(np.arange(6) == 3).counts().at(np.array([3])).rates
    assert (rates.right, rates.found, rates.true) == (0, 1, 1)
