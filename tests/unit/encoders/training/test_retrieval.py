"""What training is watched by: worked examples, the product's own metrics, and views that find each other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from encoders.metrics import Entries, ranking, sweep
from encoders.training.retrieval import Seen, figures, findable, recalls


def at_angles(*degrees):
    angles = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], dim=1).float()


def test_a_worked_example():
    """Listings at angles; of product 0 at 0, 10 and 80 degrees, of product 1 at 70 and 75, of product 2 at 200.

    Nearest first: 0 finds 10 (right), 10 finds 0 (right), 80 finds 75 (wrong) and 70 (wrong) before 10 (right, third),
    70 finds 75 (right), 75 finds 70 and 80 at the same angle, and ties count as wrong: right at the second place.
    """
    rows, codes = at_angles(0, 10, 80, 70, 75, 200), np.array([0, 0, 0, 1, 1, 2])
    found = figures(rows, codes)
    assert list(found) == ["mean_f1", "recall_at_1", "recall_at_10", "mrr"]
    assert found["recall_at_1"] == pytest.approx(3 / 5)
    assert found["recall_at_10"] == 1.0
    assert found["mrr"] == pytest.approx((1 + 1 + 1 / 3 + 1 + 1 / 2) / 5)
    # at ten degrees: lists {0, 10} twice, {80, 75, 70}, {70, 75, 80}, {75, 70, 80}, {200}
    assert found["mean_f1"] == pytest.approx((4 / 5 + 4 / 5 + 2 / 6 + 4 / 5 + 4 / 5 + 1) / 6)


@settings(max_examples=25)
@given(st.integers(2, 40), st.integers(1, 9), st.integers(0, 99))
def test_the_figures_are_those_of_the_metrics(size, products, seed):
    rng = np.random.default_rng(seed)
    rows = normalize(torch.from_numpy(rng.normal(size=(size, 3))))
    codes = rng.integers(0, products, size)
    one, other = np.triu_indices(size, 1)
    scores = (rows @ rows.T).numpy()[one, other].round(6)
    entries = Entries.of_pairs(codes.astype(np.intp), one, other, scores)
    ranked, found = ranking(entries, (1, 10)), figures(rows, codes)
    assert found["mean_f1"] == pytest.approx(sweep(entries).mean_f1.max(initial=0.0), abs=1e-9)
    assert found["recall_at_1"] == pytest.approx(ranked.recall[1], abs=1e-9)
    assert found["recall_at_10"] == pytest.approx(ranked.recall[10], abs=1e-9)
    assert found["mrr"] == pytest.approx(ranked.mrr, abs=1e-9)


def test_a_listing_never_finds_itself():
    found = figures(at_angles(0, 90, 1, 91), np.array([0, 0, 1, 1]))
    assert (found["recall_at_1"], found["mrr"]) == (0.0, pytest.approx((1 / 2 + 1 / 3 + 1 / 3 + 1 / 2) / 4))


def test_of_equal_rows_the_wrong_ones_come_first():
    same = normalize(torch.randn(1, 7)).expand(6, 7)
    assert figures(same, np.array([0, 0, 1, 1, 2, 2]))["mrr"] == pytest.approx(1 / 5)


@pytest.mark.parametrize("size", [0, 1])
def test_nobody_to_be_found_is_nothing_found(size):
    found = figures(torch.ones(size, 1), np.zeros(size, dtype=np.int64))
    assert set(found.values()) == {0.0}


def seen(angles, places):
    return Seen(at_angles(*angles), np.array(places, dtype=np.int64))


CODES = np.array([0, 0, 1, 1, 2])


def test_one_view_finds_another():
    """Photos of listings 0, 2 and 4 look for the titles of 1, 2 and 3.

    0 finds 2 before 1; 2 does not find itself, but 1 before 3; 4 has nobody to find and is not counted.
    """
    photos, titles = seen((0, 90, 180), (0, 2, 4)), seen((40, 20, 120), (1, 2, 3))
    assert recalls(photos, titles, CODES, (1, 2, 3)) == {"recall_at_1": 0.5, "recall_at_2": 1.0, "recall_at_3": 1.0}
    assert findable(photos.places, titles.places, CODES).tolist() == [True, True, False]
    assert findable(photos.places, photos.places, CODES).tolist() == [False, False, False]


def test_a_gallery_of_one_can_be_searched():
    assert recalls(seen((0,), (0,)), seen((90,), (1,)), CODES) == {"recall_at_1": 1.0, "recall_at_10": 1.0}


@pytest.mark.parametrize(("queries", "gallery"), [((0, 1), ()), ((), (0, 1)), ((0,), (0,)), ((0,), (2, 3))], ids=str)
def test_who_has_nobody_to_find_finds_nobody(queries, gallery):
    found = recalls(seen(range(len(queries)), queries), seen(range(len(gallery)), gallery), CODES)
    assert found == {"recall_at_1": 0.0, "recall_at_10": 0.0}


def test_many_queries_are_answered_as_few_are():
    """More than are computed at once."""
    rng = np.random.default_rng(1)
    codes = np.arange(2600) // 2
    rows = normalize(torch.from_numpy(rng.normal(size=(1300, 4))[codes] + 0.1 * rng.normal(size=(2600, 4))).float())
    everyone = Seen(rows, np.arange(2600))
    some = Seen(rows[:50], np.arange(50))
    nearest = (rows[:50] @ rows.T).fill_diagonal_(-1).argmax(1).numpy()
    assert recalls(some, everyone, codes)["recall_at_1"] == pytest.approx((codes[nearest] == codes[:50]).mean())
    last = Seen(rows[2550:], np.arange(2550, 2600))
    assert recalls(everyone, everyone, codes)["recall_at_1"] == figures(rows, codes)["recall_at_1"]
    assert recalls(last, everyone, codes)["recall_at_10"] > 0
