import numpy as np
import pytest

from encoders.metrics import b_cubed


def test_b_cubed_as_worked_by_hand():
    # products {0 1 2} {3 4}, groups {0 1} {2 3} {4}
    found = b_cubed(np.array([0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1]))
    assert found.precision == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert found.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)
    assert found.f1 == pytest.approx(2 * 0.8 * 8 / 15 / (0.8 + 8 / 15))


@pytest.mark.parametrize("seed", range(3))
def test_b_cubed_is_its_definition_listing_by_listing(seed):
    random = np.random.default_rng(seed)
    groups, products = random.integers(0, 9, 40), random.integers(0, 11, 40)
    together, truly = groups[:, None] == groups, products[:, None] == products
    found = b_cubed(groups, products)
    assert found.precision == pytest.approx(((together & truly).sum(1) / together.sum(1)).mean())
    assert found.recall == pytest.approx(((together & truly).sum(1) / truly.sum(1)).mean())


def test_the_products_themselves_agree_under_any_names():
    assert b_cubed(np.array([7, 7, 3]), np.array([0, 0, 1])).f1 == 1


def test_some_listings_are_judged_with_all_their_group():
    found = b_cubed(np.array([0, 0]), np.array([0, 1]), np.array([True, False]))
    assert (found.precision, found.recall) == (0.5, 1)
