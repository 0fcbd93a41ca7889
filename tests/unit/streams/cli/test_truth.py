import pytest

from streams.cli.truth import Score, score
from streams.events import Match


def lists(**pairs):
    return {one: tuple(Match(other, 0.9, {}) for other in others.split()) for one, others in pairs.items()}


TRUTH = {"a": "p", "b": "p", "c": "p", "d": "q", "e": "q", "f": "r"}


def test_a_worked_example():
    # p has the pairs ab, ac, bc and q has de; ab and de are found, cd is found and wrong.
    found = score(lists(a="b", b="a", c="d", d="c e", e="d", f=""), TRUTH)
    assert found == Score(products=3, right=2, wrong=1, missed=2)
    assert found.rates.precision == pytest.approx(2 / 3)
    assert found.rates.recall == pytest.approx(2 / 4)
    assert found.rates.f1 == pytest.approx(4 / 7)  # 2 * 2 / (2 * 2 + 1 + 2)


def test_a_pair_that_only_one_of_the_two_lists_has_is_found_once():
    assert score(lists(a="b", b=""), TRUTH) == Score(3, 1, 0, 3)


def test_nothing_found_is_precise_and_recalls_nothing():
    found = score({}, TRUTH)
    assert (found.rates.precision, found.rates.recall, found.rates.f1) == (1.0, 0.0, 0.0)


def test_nothing_to_find_is_recalled_whole():
    found = score({"a": (), "b": ()}, {"a": "p", "b": "q"})
    assert (found.rates.precision, found.rates.recall, found.rates.f1) == (1.0, 1.0, 1.0)


def test_nothing_but_wrong_pairs_scores_zero():
    assert score(lists(a="f"), TRUTH).rates.f1 == 0.0
