import numpy as np
import pytest

from streams.learning.candidates import Candidates
from streams.learning.measuring import least_precise_enough, measure
from streams.matching import Details

# products 0 0 1 1 2 2 3 3; the first two folds like high thresholds, the last would like a low one
CODES = np.array([0, 0, 1, 1, 2, 2, 3, 3])
FOLDS = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def candidates(*pairs):
    one, other = (np.array(side, np.intp) for side in zip(*pairs, strict=True))
    return Candidates([Details()] * 8, one, other, {}, np.zeros(len(pairs)))


def test_perfect_scores_have_f1_of_one_on_every_fold():
    found = candidates((0, 1), (2, 3), (4, 5), (6, 7), (1, 2))
    figure = measure(found, np.array([0.9, 0.9, 0.8, 0.8, 0.1]), CODES, FOLDS)
    assert figure.mean_f1 == 1.0
    assert figure.spread == 0.0
    assert 0.1 < figure.threshold <= 0.9


def test_a_fold_is_measured_under_the_threshold_of_the_others():
    """Fold 1 wants 0.3 and fold 0 wants 0.8: each gets the other's and loses by it, worked by hand."""
    found = candidates((0, 1), (2, 3), (0, 2), (1, 3), (4, 5), (6, 7))
    scores = np.array([0.9, 0.9, 0.6, 0.6, 0.3, 0.3])
    figure = measure(found, scores, CODES, FOLDS)
    # fold 0 under 0.3: each list holds itself, the right one and a wrong one: F1 = 2 * 2 / (3 + 2) = 0.8
    # fold 1 under 0.75: lists hold nobody else: F1 = 2 * 1 / (1 + 2)
    assert figure.mean_f1 == pytest.approx((0.8 + 2 / 3) / 2)


def test_pairs_that_may_never_match_do_not():
    found = candidates((0, 1), (2, 3), (4, 5), (6, 7))
    assert measure(found, np.full(4, -1.0), CODES, FOLDS).mean_f1 == pytest.approx(2 / 3)


def test_the_least_score_that_is_precise_enough():
    found = candidates((0, 1), (2, 3), (1, 2), (4, 5))
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    assert least_precise_enough(found, scores, CODES, 0.99) == 0.8
    assert least_precise_enough(found, scores, CODES, 0.7) == 0.6
    assert least_precise_enough(candidates((1, 2)), np.array([0.9]), CODES, 0.9) == 1.0
