import numpy as np
import pytest

from streams.errors import SettingsError
from streams.learning import folds

LABELS = [f"p{number // 3}" for number in range(300)]


def test_no_product_is_in_two_folds():
    found = folds(LABELS, 5)
    assert all(
        len({int(fold) for fold, label in zip(found, LABELS, strict=True) if label == one}) == 1 for one in LABELS
    )


def test_every_fold_has_its_share():
    assert np.bincount(folds(LABELS, 5), minlength=5).min() > 20


def test_a_product_stays_in_its_fold_whatever_else_there_is():
    assert folds(LABELS[:30], 5).tolist() == folds(LABELS, 5)[:30].tolist()


def test_another_seed_divides_otherwise():
    assert folds(LABELS, 5, seed=0).tolist() != folds(LABELS, 5, seed=1).tolist()


def test_one_fold_is_none():
    with pytest.raises(SettingsError, match="folds: 1, at least 2 wanted"):
        folds(LABELS, 1)
